/** A Monday morning soon after the last incident of the demo, when most people are on duty. */
export const NOW = new Date('2026-11-02T10:00:00+08:00');
export const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true };
