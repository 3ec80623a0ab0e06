import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { demoDatabase } from '../helpers/database.ts';
import { startService, type TestService } from '../helpers/service.ts';
import { ensurePage, launch, openPage, type View } from './browser.ts';
import { NOW } from './moment.ts';

export interface MapPages {
  /** Where the service is. */
  url(): string;
  /** A page of its own, closed after the test, which fails when its console complained. */
  open(fragment?: string, options?: BrowserContextOptions): Promise<Page>;
  /** What the service answers. */
  get<T>(path: string, query?: Record<string, string>): Promise<T>;
}

/** The service over the demo and a browser for the tests of a `describe`. */
export function mapPages(): MapPages {
  let browser: Browser | undefined;
  let service: TestService | undefined;
  let views: View[] = [];
  beforeAll(async () => {
    await ensurePage();
    service = await startService(await demoDatabase(), { now: () => NOW });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    await service?.close();
  });
  afterEach(async () => {
    const complaints = views.flatMap((view) => view.complaints);
    for (const view of views) await view.close();
    views = [];
    expect(complaints).toEqual([]);
  });
  return {
    url: () => service!.url,
    async open(fragment = '', options = {}) {
      const view = await openPage(browser!, service!.url, fragment, options);
      views.push(view);
      return view.page;
    },
    async get<T>(path: string, query: Record<string, string> = {}) {
      const response = await fetch(`${service!.url}${path}?${new URLSearchParams(query)}`);
      expect(response.status).toBe(200);
      return (await response.json()) as T;
    },
  };
}
