/** The sound of a small bell, made by the browser itself: there is no file to fetch. */

// What rings together in a bell, by the tone that one hears: how high, how loud, and for how long.
const PARTIALS = [
  { ratio: 0.5, gain: 0.5, seconds: 1.1 },
  { ratio: 1, gain: 1, seconds: 0.8 },
  { ratio: 1.19, gain: 0.5, seconds: 0.6 },
  { ratio: 2, gain: 0.35, seconds: 0.4 },
  { ratio: 2.74, gain: 0.15, seconds: 0.25 },
] as const;
const TONE_HZ = 880;
// Heard in a quiet room, and no fright.
const VOLUME = 0.08;
// What starts at once is heard as a click.
const ATTACK_SECONDS = 0.005;
// For an exponential ramp, which never reaches nothing.
const SILENCE = 0.0001;
// A flood rings once.
const PAUSE_MS = 1_000;

let context: AudioContext | null = null;
let rangAt = Number.NEGATIVE_INFINITY;

/** Rings once. Never fails: browsers allow no sound before somebody has touched the page, and some have none. */
export function ring(): void {
  const now = performance.now();
  if (now - rangAt < PAUSE_MS || typeof AudioContext === 'undefined') return;
  // Asked before: a context that is not allowed to start is told of in the console.
  if (navigator.userActivation && !navigator.userActivation.hasBeenActive) return;
  rangAt = now;
  try {
    context ??= new AudioContext();
    if (context.state === 'suspended') void context.resume().catch(() => {});
    for (const partial of PARTIALS) play(context, partial);
  } catch {
    // No device, or none left.
  }
}

function play(on: AudioContext, { ratio, gain, seconds }: (typeof PARTIALS)[number]): void {
  const at = on.currentTime;
  const tone = on.createOscillator();
  const volume = on.createGain();
  tone.frequency.value = TONE_HZ * ratio;
  volume.gain.setValueAtTime(SILENCE, at);
  volume.gain.exponentialRampToValueAtTime(VOLUME * gain, at + ATTACK_SECONDS);
  volume.gain.exponentialRampToValueAtTime(SILENCE, at + seconds);
  tone.connect(volume).connect(on.destination);
  tone.start(at);
  tone.stop(at + seconds);
}
