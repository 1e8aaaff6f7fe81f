/** One peer under load: connects, then paced sends, then a burst. */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Delivered, Driver } from './driver.ts';
import { median } from './median.ts';
import { cpuMicroseconds, type Peer, residentKib } from './peers.ts';

// As many deliveries at either pace as keep a run to a minute with 5,000 streams.
const PACED = { count: 50, perSecond: 5 };
const BURST = { count: 320, inFlight: 16 };
const WARM_UP = { count: 3, perSecond: 5 };

type UnderLoad = Delivered & { /** Microseconds of CPU a delivery. */ cpu: number };

export interface FanOut {
  peer: string;
  streams: number;
  connectsPerSecond: number;
  /** Microseconds of CPU a connect. */
  connectCpu: number;
  kibPerStream: number;
  paced: UnderLoad;
  burst: UnderLoad;
}

/** Medians of `runs`, each with a fresh server; of what was lost, doubled or reordered, the worst. */
export async function measureFanOut(peer: Peer, streams: number, runs: number): Promise<FanOut> {
  const results: FanOut[] = [];
  for (let run = 0; run < runs; run += 1) results.push(await measureOnce(peer, streams));
  const middle = (pick: (result: FanOut) => number) => median(results.map(pick));
  const worst = (pick: (result: FanOut) => number) => Math.max(...results.map(pick));
  const of = (part: 'paced' | 'burst'): UnderLoad => ({
    deliveries: middle((result) => result[part].deliveries),
    cpu: middle((result) => result[part].cpu),
    p50: middle((result) => result[part].p50),
    p99: middle((result) => result[part].p99),
    sendsPerSecond: middle((result) => result[part].sendsPerSecond),
    lost: worst((result) => result[part].lost),
    doubled: worst((result) => result[part].doubled),
    reordered: worst((result) => result[part].reordered),
  });
  return {
    peer: peer.name,
    streams,
    connectsPerSecond: middle((result) => result.connectsPerSecond),
    connectCpu: middle((result) => result.connectCpu),
    kibPerStream: middle((result) => result.kibPerStream),
    paced: of('paced'),
    burst: of('burst'),
  };
}

async function measureOnce(peer: Peer, streams: number): Promise<FanOut> {
  const server = await peer.start(streams);
  const { pid, port, openRequest, greeting, send } = server;
  const options = { host: '127.0.0.1', port, openRequest, send, ...(greeting ? { greeting } : {}) };
  const driver = new Driver({ ...options, streams });
  try {
    // What the first requests load and compile belongs to no stream.
    const warmUp = new Driver({ ...options, streams: Math.min(200, streams) });
    await warmUp.open();
    warmUp.close();
    await sleep(1_000);
    const kibBefore = residentKib(pid);
    const cpuBefore = cpuMicroseconds(pid);
    const connectsPerSecond = await driver.open();
    const connectCpu = (cpuMicroseconds(pid) - cpuBefore) / streams;
    await sleep(2_000);
    const kibPerStream = (residentKib(pid) - kibBefore) / streams;
    await driver.run(WARM_UP);
    const paced = await underCpu(pid, () => driver.run(PACED));
    const burst = await underCpu(pid, () => driver.run(BURST));
    return { peer: peer.name, streams, connectsPerSecond, connectCpu, kibPerStream, paced, burst };
  } finally {
    driver.close();
    await server.stop();
  }
}

async function underCpu(pid: number, work: () => Promise<Delivered>): Promise<UnderLoad> {
  const before = cpuMicroseconds(pid);
  const delivered = await work();
  return { ...delivered, cpu: (cpuMicroseconds(pid) - before) / delivered.deliveries };
}
