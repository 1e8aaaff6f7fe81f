/**
 * Where a stream's bytes go. The engine writes; the sink knows how many bytes still wait because the
 * client has not read them.
 */

export interface StreamSink {
  /** Bytes accepted by `write` that the network has not taken yet. */
  readonly queuedBytes: number;
  /** Takes a chunk. After `close` or `abort`, and once the client has gone, it does nothing. */
  write(chunk: Uint8Array): void;
  /** Ends the response after what was written. Twice does nothing. */
  close(): void;
  /** Ends the response now and drops what waits. Twice does nothing. */
  abort(): void;
}

// The pipe behind the stream takes what it can at once; this only says from where the count starts.
const HIGH_WATER_MARK = 16_384;

/** A sink that is the body of a `Response`. `onGone` is called once when the client goes away. */
export function createReadableSink(onGone: () => void): {
  sink: StreamSink;
  body: ReadableStream<Uint8Array>;
} {
  let controller: ReadableStreamDefaultController<Uint8Array> | null = null;
  const body = new ReadableStream<Uint8Array>(
    {
      start(given) {
        controller = given;
      },
      cancel() {
        controller = null;
        onGone();
      },
    },
    // Not a byte stream: that would detach a chunk, and one chunk is shared by many streams.
    new ByteLengthQueuingStrategy({ highWaterMark: HIGH_WATER_MARK }),
  );

  function finish(end: (open: ReadableStreamDefaultController<Uint8Array>) => void): void {
    const open = controller;
    controller = null;
    if (open) end(open);
  }

  const sink: StreamSink = {
    get queuedBytes() {
      return HIGH_WATER_MARK - (controller?.desiredSize ?? HIGH_WATER_MARK);
    },
    write: (chunk) => controller?.enqueue(chunk),
    close: () => finish((open) => open.close()),
    // Next logs any other error of a body as a failure of its own.
    abort: () => finish((open) => open.error(new DOMException('The client reads too slowly.', 'AbortError'))),
  };
  return { sink, body };
}
