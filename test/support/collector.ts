/** An OpenTelemetry collector on loopback that keeps what it is sent. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface CollectedSpan {
  name: string;
  traceId: string;
  spanId: string;
  /** Empty for the first span of a trace. */
  parentSpanId: string;
  attributes: Record<string, string | number>;
  /** What is said of the process that made it. */
  resource: Record<string, string | number>;
}

export interface Collector {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string;
  readonly spans: CollectedSpan[];
  /** The bodies as they came. */
  readonly bodies: Buffer[];
  close: () => void;
}

export async function startCollector(): Promise<Collector> {
  const bodies: Buffer[] = [];
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    if (request.url === '/v1/traces') bodies.push(body);
    response.writeHead(200, { 'Content-Type': 'application/x-protobuf' }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    bodies,
    get spans() {
      return bodies.flatMap(spansOf);
    },
    close: () => server.close().closeAllConnections(),
  };
}

// The numbers are those of opentelemetry/proto/collector/trace/v1/trace_service.proto and what it imports.
function spansOf(request: Buffer): CollectedSpan[] {
  return messages(request, 1).flatMap((resourceSpans) => {
    const [about] = messages(resourceSpans, 1);
    const resource = about ? attributesOf(about, 1) : {};
    return messages(resourceSpans, 2)
      .flatMap((scopeSpans) => messages(scopeSpans, 2))
      .map((span) => ({
        name: text(span, 5),
        traceId: bytes(span, 1).toString('hex'),
        spanId: bytes(span, 2).toString('hex'),
        parentSpanId: bytes(span, 4).toString('hex'),
        attributes: attributesOf(span, 9),
        resource,
      }));
  });
}

function attributesOf(message: Buffer, number: number): Record<string, string | number> {
  const pairs = messages(message, number).map((pair) => {
    const value = messages(pair, 2)[0] ?? Buffer.alloc(0);
    const { found } = fields(value)[0] ?? {};
    return [text(pair, 1), typeof found === 'bigint' ? Number(found) : (found?.toString() ?? '')] as const;
  });
  return Object.fromEntries(pairs);
}

function messages(message: Buffer, number: number): Buffer[] {
  return fields(message).flatMap((field) =>
    field.number === number && Buffer.isBuffer(field.found) ? [field.found] : [],
  );
}

function bytes(message: Buffer, number: number): Buffer {
  return messages(message, number)[0] ?? Buffer.alloc(0);
}

function text(message: Buffer, number: number): string {
  return bytes(message, number).toString('utf8');
}

/** https://protobuf.dev/programming-guides/encoding/ */
function fields(message: Buffer): { number: number; found: Buffer | bigint }[] {
  let at = 0;
  const varint = () => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number) => {
    at += length;
    return message.subarray(at - length, at);
  };
  const all: { number: number; found: Buffer | bigint }[] = [];
  while (at < message.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    const found =
      wireType === 0 ? varint() : take(wireType === 2 ? Number(varint()) : wireType === 1 ? 8 : 4);
    all.push({ number: tag >> 3, found });
  }
  return all;
}
