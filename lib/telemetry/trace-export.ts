/**
 * Collects spans and sends them to an OpenTelemetry collector (OTLP over HTTP, protobuf). Loaded only when
 * the environment asks for it; see `tracing` in lib/config/env.ts. The libraries read most of OpenTelemetry's own
 * variables themselves: https://opentelemetry.io/docs/specs/otel/protocol/exporter/
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { context, type DiagLogFunction, DiagLogLevel, diag, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
  serviceInstanceIdDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { TracingSettings } from '../config/env.ts';
import { log } from './log.ts';

// A collector that does not answer must not use up the time there is for an orderly stop.
const FLUSH_LIMIT_MS = 1_000;

/** Begins to collect. Returns what sends the rest and ends it: at most a second, and it never fails. */
export function startTracing({ sampler, samplerArgument }: TracingSettings): () => Promise<void> {
  diag.setLogger(
    { error: warn, warn, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.WARN },
  );
  const resource = defaultResource()
    .merge(resourceFromAttributes({ 'service.name': 'belfry' }))
    // What the environment says of the service wins.
    .merge(detectResources({ detectors: [serviceInstanceIdDetector, envDetector] }));
  const provider = new TracerProvider({
    resource,
    sampler: makeSampler(sampler, samplerArgument),
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(provider);

  return async () => {
    await Promise.race([provider.shutdown().catch(ignore), sleep(FLUSH_LIMIT_MS)]);
  };
}

/** https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/#general-sdk-configuration */
function makeSampler(name: string, argument: string | undefined): Sampler {
  const own = name.replace(/^parentbased_/, '');
  const root = rootSampler(own, argument);
  if (!root) {
    warn(`OTEL_TRACES_SAMPLER=${name} is not known here: every trace is kept`);
    return new ParentBasedSampler({ root: new AlwaysOnSampler() });
  }
  return own === name ? root : new ParentBasedSampler({ root });
}

function rootSampler(name: string, argument: string | undefined): Sampler | undefined {
  if (name === 'always_on') return new AlwaysOnSampler();
  if (name === 'always_off') return new AlwaysOffSampler();
  if (name === 'traceidratio') return new TraceIdRatioBasedSampler(ratio(argument));
  return undefined;
}

function ratio(argument = '1'): number {
  const value = Number(argument);
  if (value >= 0 && value <= 1) return value;
  warn(`OTEL_TRACES_SAMPLER_ARG=${argument} is not a number from 0 to 1: every trace is kept`);
  return 1;
}

const warn: DiagLogFunction = (detail, ...more) =>
  log.warn({ code: 'tracing_failed', detail, ...(more.length > 0 ? { more } : {}) }, 'tracing has a problem');

function ignore(): void {}
