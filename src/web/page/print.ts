import type { Map as MapLibreMap } from 'maplibre-gl';
import { byId, h } from './dom.ts';

/** Print the panel with a picture of the map above it. The page's print style hides everything else. */
export function printPanel(map: MapLibreMap): void {
  map.once('render', () => {
    // A drawing can be read only while it is being drawn.
    const picture = h('img', { class: 'print-map', alt: '', src: map.getCanvas().toDataURL('image/jpeg', 0.85) });
    byId('panel').prepend(picture);
    picture.decode().then(
      () => {
        window.print();
        picture.remove();
      },
      () => picture.remove(),
    );
  });
  map.triggerRepaint();
}
