/** Browsers that watch: server-sent events with the sections that have changed. */
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Sections = Readonly<Record<string, string>>;

export interface Streams {
  /** Answers with a stream that begins with all sections. */
  open(response: ServerResponse, sections: Sections): void;
  /** Tells each what has changed for it. */
  tell(sections: Sections): void;
  has(socket: Socket): boolean;
  readonly count: number;
}

/** One more and the oldest has to come again, which a browser does by itself. */
export const STREAMS_MAX = 32;
/** Who does not read is dropped. */
const PENDING_MAX_BYTES = 512 * 1024;
/** A comment now and then shows that the line is alive. */
const ALIVE_MS = 10_000;

interface Viewer {
  readonly response: ServerResponse;
  readonly socket: Socket | null;
  told: Sections;
  toldMs: number;
}

export function createStreams(): Streams {
  const viewers = new Set<Viewer>();

  const drop = (viewer: Viewer): void => {
    viewers.delete(viewer);
    viewer.response.destroy();
  };
  const write = (viewer: Viewer, text: string): void => {
    viewer.toldMs = performance.now();
    viewer.response.write(text);
    if (viewer.response.writableLength > PENDING_MAX_BYTES) drop(viewer);
  };
  const tellOne = (viewer: Viewer, sections: Sections): void => {
    const changed = Object.entries(sections).filter(([name, html]) => viewer.told[name] !== html);
    viewer.told = sections;
    if (changed.length > 0) write(viewer, `data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`);
    else if (performance.now() - viewer.toldMs > ALIVE_MS) write(viewer, ':\n\n');
  };

  return {
    open(response, sections) {
      response.writeHead(200, { 'Content-Type': 'text/event-stream', Connection: 'close' });
      const viewer: Viewer = { response, socket: response.socket, told: {}, toldMs: performance.now() };
      response.on('close', () => viewers.delete(viewer));
      response.on('error', () => drop(viewer));
      const [oldest] = viewers;
      if (viewers.size >= STREAMS_MAX && oldest !== undefined) drop(oldest);
      viewers.add(viewer);
      response.write('retry: 2000\n\n');
      tellOne(viewer, sections);
    },
    tell(sections) {
      for (const viewer of [...viewers]) tellOne(viewer, sections);
    },
    has: (socket) => [...viewers].some((viewer) => viewer.socket === socket),
    get count() {
      return viewers.size;
    },
  };
}
