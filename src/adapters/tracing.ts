/**
 * The Tracing port on OpenTelemetry: spans are sent in batches to a collector by OTLP over HTTP. Loaded only when a
 * collector is configured. Nothing is registered globally and no library is patched: what is traced is what asks for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import type { SpanAttributes, SpanName, Tracing } from '#core/tracing.ts';

/** Spans that wait for the collector; more are dropped rather than kept. */
const MAX_WAITING = 4_096;
const SEND_EVERY_MS = 2_000;
const SEND_PATIENCE_MS = 5_000;
const CLOSE_PATIENCE_MS = 3_000;

const KINDS: Readonly<Partial<Record<SpanName, SpanKind>>> = { 'http.request': SpanKind.SERVER, 'venue.request': SpanKind.CLIENT };

export interface TracingOptions {
  /** Address of the collector, without the path of traces. */
  readonly endpoint: string;
  readonly version: string;
  /** Tells the processes of an installation apart. */
  readonly instance: string;
}

export interface OpenTracing {
  readonly tracing: Tracing;
  /** Sends what is left, for a bounded time. */
  close(): Promise<void>;
}

export function otlpTracing({ endpoint, version, instance }: TracingOptions): OpenTracing {
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: SEND_PATIENCE_MS });
  const processor = new BatchSpanProcessor(exporter, { maxQueueSize: MAX_WAITING, scheduledDelayMillis: SEND_EVERY_MS, exportTimeoutMillis: SEND_PATIENCE_MS });
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'argosy', 'service.version': version, 'service.instance.id': instance }),
    spanProcessors: [processor],
  });
  const tracer = provider.getTracer('argosy', version);
  const under = new AsyncLocalStorage<Context>();
  const begin = (name: SpanName, attributes: SpanAttributes): { readonly span: Span; readonly context: Context } => {
    const parent = under.getStore() ?? ROOT_CONTEXT;
    const span = tracer.startSpan(name, { kind: KINDS[name] ?? SpanKind.INTERNAL, attributes: { ...attributes } }, parent);
    return { span, context: trace.setSpan(parent, span) };
  };
  const tracing: Tracing = {
    span: async (name, attributes, work) => {
      const { span, context } = begin(name, attributes);
      try {
        return await under.run(context, work);
      } catch (error) {
        fail(span, error);
        throw error;
      } finally {
        span.end();
      }
    },
    begin: (name, attributes) => {
      const { span, context } = begin(name, attributes);
      return {
        within: (work) => under.run(context, work),
        end: (more, isFailed) => {
          span.setAttributes({ ...more });
          if (isFailed) span.setStatus({ code: SpanStatusCode.ERROR });
          span.end();
        },
      };
    },
  };
  return { tracing, close: () => inTime(provider.shutdown()) };
}

/** Its code or class: what a failure says may quote what must not leave. */
function fail(span: Span, error: unknown): void {
  const code = error instanceof Error && 'code' in error ? String(error.code) : error instanceof Error ? error.name : 'unknown';
  span.setAttribute('error.type', code);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

/** A collector that does not answer must not hold the end of the process up. */
function inTime(work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, CLOSE_PATIENCE_MS);
    work
      .catch(() => undefined)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
  });
}
