// What the service counts of itself, as text that Prometheus and the like read; for administrators. Routes, words and numbers only: no
// device, no person, no cell stands in a metric.

import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { FastifyInstance } from 'fastify';
import type { Pressure } from './pressure.js';

/** Seconds below which answers are counted: a swab takes a few ms, and above a second somebody waits. */
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5];

interface Answers {
  count: number;
  seconds: number;
  within: number[];
}

export function metricsRoute(app: FastifyInstance, { pressure }: { pressure: Pressure }): void {
  const answers = new Map<string, Answers>();
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();

  app.addHook('onResponse', (request, reply, done) => {
    const { url = 'none', method } = request.routeOptions;
    // A made-up address has no route, so nobody can make up metrics.
    const name = `method="${request.is404 ? '' : String(method)}",route="${request.is404 ? 'none' : url}",status="${reply.statusCode}"`;
    let one = answers.get(name);
    if (!one) answers.set(name, (one = { count: 0, seconds: 0, within: bounds.map(() => 0) }));
    const seconds = reply.elapsedTime / 1000;
    one.count++;
    one.seconds += seconds;
    for (let i = bounds.length - 1; i >= 0 && seconds <= (bounds[i] as number); i--) (one.within[i] as number)++;
    done();
  });
  app.addHook('onClose', async () => lag.disable());

  app.get('/metrics', { schema: { hide: true }, config: { may: { read: 'metrics' } } }, async (_request, reply) => {
    const { rss, heapUsed } = process.memoryUsage();
    const cpu = process.cpuUsage();
    const text = [
      metric('swabline_uptime_seconds', 'gauge', 'Since this process started.', [['', process.uptime()]]),
      metric('swabline_memory_bytes', 'gauge', 'Memory of this process.', [['kind="resident"', rss], ['kind="heap"', heapUsed]]),
      metric('swabline_cpu_seconds_total', 'counter', 'Processor time of this process.', [['kind="user"', cpu.user / 1e6], ['kind="system"', cpu.system / 1e6]]),
      metric('swabline_event_loop_lag_seconds', 'gauge', 'How late the event loop came round since it was last asked.', [['quantile="0.5"', lag.percentile(50) / 1e9], ['quantile="0.99"', lag.percentile(99) / 1e9], ['quantile="1"', lag.max / 1e9]]),
      metric('swabline_calls_waiting', 'gauge', 'Calls for steps, and reads, that wait for Redis.', [['kind="steps"', pressure.steps], ['kind="reads"', pressure.reads]]),
      metric('swabline_sockets_open', 'gauge', 'Open WebSockets.', [['', app.websocketServer.clients.size]]),
      metric('swabline_answers_total', 'counter', 'Answers by route and status.', [...answers].map(([name, { count }]) => [name, count])),
      metric('swabline_answer_seconds', 'histogram', 'Time until an answer was sent.', [...answers].flatMap(([name, { count, seconds, within }]) => [
        ...bounds.map((bound, i): [string, number, string] => [`${name},le="${bound}"`, within[i] as number, '_bucket']),
        [`${name},le="+Inf"`, count, '_bucket'] as [string, number, string], [name, count, '_count'] as [string, number, string], [name, seconds, '_sum'] as [string, number, string],
      ])),
    ].join('');
    lag.reset();
    return reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8').header('cache-control', 'no-store').send(text);
  });
}

function metric(name: string, type: 'gauge' | 'counter' | 'histogram', help: string, values: readonly (readonly [labels: string, value: number, suffix?: string])[]): string {
  const lines = values.map(([labels, value, suffix = '']) => `${name}${suffix}${labels && '{' + labels + '}'} ${Number.isFinite(value) ? value : 0}\n`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('')}`;
}
