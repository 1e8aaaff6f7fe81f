import { expect, test } from 'vitest';
import { parseEnvironment } from '../../lib/config/env.ts';

const ENDPOINT = 'http://127.0.0.1:4318';

test.each([
  {},
  { OTEL_EXPORTER_OTLP_ENDPOINT: '' },
  { OTEL_EXPORTER_OTLP_ENDPOINT: ENDPOINT, OTEL_SDK_DISABLED: 'True' },
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: ENDPOINT, OTEL_TRACES_EXPORTER: 'none' },
  { OTEL_SERVICE_NAME: 'belfry', OTEL_TRACES_SAMPLER: 'always_on' },
])('nothing is traced with %j', (environment) => {
  expect(parseEnvironment(environment).tracing).toBeNull();
});

test.each(['OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'])(
  '%s is enough to be traced, and a trace that the caller keeps is kept',
  (name) => {
    const { tracing } = parseEnvironment({ [name]: ENDPOINT, OTEL_SDK_DISABLED: 'false' });
    expect(tracing).toEqual({ sampler: 'parentbased_always_on', samplerArgument: undefined });
  },
);
