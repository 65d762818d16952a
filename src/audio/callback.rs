//! What runs on the sound card's thread: it allocates nothing, takes no lock, logs nothing, reads no clock and
//! never waits. Everything else happens on the other side of a lock-free ring.

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};

use cpal::{FromSample, Sample};
use rtrb::{Consumer, Producer};

/// What the callbacks and the thread that owns the stream tell each other.
#[derive(Debug, Default)]
pub(super) struct Meter {
    /// Callbacks so far: a stream whose count stands still is dead.
    pub(super) beats: AtomicU64,
    /// Samples (of one channel) that did not fit into the ring.
    pub(super) dropped: AtomicU64,
    /// The host has given the stream up.
    pub(super) failed: AtomicBool,
    /// So many samples of the ring shall not be heard; the callback takes the number away.
    pub(super) hush: AtomicUsize,
}

/// Mixes what was captured to mono and puts it into the ring; what does not fit is dropped and counted.
pub(super) fn capture<T>(data: &[T], channels: usize, ring: &mut Producer<f32>, meter: &Meter)
where
    T: Copy,
    f32: FromSample<T>,
{
    meter.beats.fetch_add(1, Relaxed);
    let frames = data.chunks_exact(channels);
    let (count, room) = (frames.len(), ring.slots());
    let share = 1.0 / channels as f32;
    let mono = frames.map(|frame| {
        let sum: f32 = frame.iter().map(|sample| f32::from_sample_(*sample)).sum();
        if sum.is_finite() { (sum * share).clamp(-1.0, 1.0) } else { 0.0 }
    });
    if let Ok(free) = ring.write_chunk_uninit(count.min(room)) {
        free.fill_from_iter(mono);
    }
    meter.dropped.fetch_add(count.saturating_sub(room) as u64, Relaxed);
}

/// When to begin playing after the ring ran empty: a little must have gathered, so that one late block is not a
/// gap; or what is there has waited for more in vain, because it is the end of what is said.
#[derive(Debug)]
struct Cushion {
    /// Samples that must have gathered.
    wanted: usize,
    /// Samples of silence after which the rest is played.
    patience: usize,
    playing: bool,
    seen: usize,
    waited: usize,
}

impl Cushion {
    /// 40 ms at `rate_hz`.
    fn new(rate_hz: u32) -> Self {
        let wanted = rate_hz as usize / 25;
        Self { wanted, patience: wanted, playing: false, seen: 0, waited: 0 }
    }

    /// Returns how many of the `ready` samples may be played into `room`.
    fn allow(&mut self, ready: usize, room: usize) -> usize {
        if !self.playing {
            self.waited = if ready == self.seen && ready > 0 { self.waited + room } else { 0 };
            self.seen = ready;
            self.playing = ready >= self.wanted || self.waited > self.patience;
        }
        let allowed = if self.playing { ready.min(room) } else { 0 };
        if self.playing && allowed < room {
            (self.playing, self.seen, self.waited) = (false, ready - allowed, 0);
        }
        allowed
    }
}

/// Silence in place of what was queued when somebody was to fall silent. The samples are played as silence and not
/// thrown away, so that the way to the loudspeaker stays as long as the echo canceller knows it.
#[derive(Debug)]
struct Hush {
    /// Samples still to be silent.
    left: usize,
    gain: f32,
    /// Change of the gain in one sample.
    step: f32,
}

impl Hush {
    /// Fades within 5 ms.
    fn new(rate_hz: u32) -> Self {
        Self { left: 0, gain: 1.0, step: 200.0 / rate_hz as f32 }
    }

    fn apply(&mut self, sample: f32) -> f32 {
        let towards = if self.left > 0 { 0.0 } else { 1.0 };
        self.left = self.left.saturating_sub(1);
        self.gain = f32::clamp(towards, self.gain - self.step, self.gain + self.step);
        sample * self.gain
    }
}

/// What plays the ring.
#[derive(Debug)]
pub(super) struct Player {
    ring: Consumer<f32>,
    channels: usize,
    cushion: Cushion,
    hush: Hush,
}

impl Player {
    /// Plays a ring at `rate_hz`, the same on all channels.
    pub(super) fn new(ring: Consumer<f32>, channels: usize, rate_hz: u32) -> Self {
        Self { ring, channels, cushion: Cushion::new(rate_hz), hush: Hush::new(rate_hz) }
    }

    /// Fills `data` from the ring, and with silence where there is nothing to play.
    pub(super) fn play<T>(&mut self, data: &mut [T], meter: &Meter)
    where
        T: Sample + FromSample<f32>,
    {
        meter.beats.fetch_add(1, Relaxed);
        let asked = meter.hush.swap(0, Relaxed);
        let ready = self.ring.slots();
        // What was played since the number was written is not in the ring any more.
        self.hush.left = self.hush.left.max(asked).min(ready);
        let allowed = self.cushion.allow(ready, data.len() / self.channels);
        let mut frames = data.chunks_exact_mut(self.channels);
        if let Ok(chunk) = self.ring.read_chunk(allowed) {
            for (sample, frame) in chunk.into_iter().zip(frames.by_ref()) {
                frame.fill(T::from_sample(self.hush.apply(sample)));
            }
        }
        frames.for_each(|frame| frame.fill(T::EQUILIBRIUM));
    }
}

#[cfg(test)]
mod tests {
    use assert_no_alloc::{AllocDisabler, assert_no_alloc};
    use rtrb::RingBuffer;

    use super::*;

    /// Ends the test program when a callback allocates or frees.
    #[global_allocator]
    static REFUSING: AllocDisabler = AllocDisabler;

    #[test]
    fn captured_channels_are_mixed_and_what_is_no_number_is_silence() {
        let (mut producer, mut consumer) = RingBuffer::new(8);
        let meter = Meter::default();
        capture(&[0.5_f32, 0.1, f32::NAN, 0.3, 4.0, 4.0], 2, &mut producer, &meter);
        capture(&[i16::MIN, 0], 1, &mut producer, &meter);
        let got: Vec<f32> = std::iter::from_fn(|| consumer.pop().ok()).collect();
        assert_eq!(got, [0.3, 0.0, 1.0, -1.0, 0.0]);
        assert_eq!(meter.beats.load(Relaxed), 2);
    }

    #[test]
    fn a_full_ring_drops_the_newest_and_counts_it_without_waiting() {
        let (mut producer, mut consumer) = RingBuffer::new(3);
        let meter = Meter::default();
        assert_no_alloc(|| {
            for value in [0.25_f32, 0.5] {
                capture(&[value, value], 1, &mut producer, &meter);
            }
            capture(&[1.0_f32; 100], 1, &mut producer, &meter);
        });
        assert_eq!(meter.dropped.load(Relaxed), 101);
        assert_eq!([consumer.pop(), consumer.pop(), consumer.pop()].map(Result::unwrap), [0.25, 0.25, 0.5]);
    }

    #[test]
    fn playing_allocates_nothing_with_an_empty_a_filled_and_an_abandoned_ring() {
        let (mut producer, consumer) = RingBuffer::new(4_000);
        let meter = Meter::default();
        let mut player = Player::new(consumer, 2, 48_000);
        let mut out = [0.5_f32; 960];
        assert_no_alloc(|| player.play(&mut out, &meter));
        assert_eq!(out, [0.0; 960]);
        producer.push_entire_slice(&[0.25; 2_000]).unwrap();
        assert_no_alloc(|| player.play(&mut out, &meter));
        assert_eq!(out, [0.25; 960]);
        drop(producer);
        assert_no_alloc(|| player.play(&mut out, &meter));
        assert_eq!(out, [0.25; 960]);
    }

    #[test]
    fn what_was_queued_before_a_hush_fades_in_five_milliseconds_and_what_comes_after_it_is_heard() {
        let (mut producer, consumer) = RingBuffer::new(4_000);
        let meter = Meter::default();
        let mut player = Player::new(consumer, 1, 1_000);
        producer.push_entire_slice(&[0.5; 60]).unwrap();
        meter.hush.store(60, Relaxed);
        producer.push_entire_slice(&[0.25; 40]).unwrap();
        let mut out = [0.0_f32; 100];
        assert_no_alloc(|| player.play(&mut out, &meter));
        assert!(out[..5].is_sorted_by(|one, next| one > next), "{out:?}");
        assert_eq!((&out[5..60], &out[65..]), (&[0.0; 55][..], &[0.25; 35][..]));
        producer.push_entire_slice(&[0.5; 50]).unwrap();
        assert_no_alloc(|| player.play(&mut out, &meter));
        assert_eq!(out[..50], [0.5; 50], "it is over");
    }

    #[test]
    fn a_hush_for_more_than_the_ring_holds_leaves_what_comes_next() {
        let (mut producer, consumer) = RingBuffer::new(4_000);
        let meter = Meter::default();
        let mut player = Player::new(consumer, 1, 1_000);
        meter.hush.store(1_000, Relaxed);
        let mut out = [0.0_f32; 50];
        player.play(&mut out, &meter);
        producer.push_entire_slice(&[0.5; 50]).unwrap();
        player.play(&mut out, &meter);
        assert_eq!(out, [0.5; 50]);
    }

    #[test]
    fn playing_begins_when_forty_milliseconds_have_gathered() {
        let mut cushion = Cushion::new(1_000);
        assert_eq!(cushion.allow(39, 10), 0);
        assert_eq!(cushion.allow(40, 10), 10);
        assert_eq!(cushion.allow(12, 10), 10);
        assert_eq!(cushion.allow(3, 10), 3, "it ran empty");
        assert_eq!(cushion.allow(20, 10), 0, "so it gathers again");
    }

    #[test]
    fn the_end_of_what_is_said_is_played_though_it_is_short() {
        let mut cushion = Cushion::new(1_000);
        let played: Vec<usize> = (0..6).map(|_| cushion.allow(7, 10)).collect();
        assert_eq!(played, [0, 0, 0, 0, 0, 7]);
        assert_eq!(cushion.allow(0, 10), 0);
    }

    #[test]
    fn integers_are_played_at_their_own_middle() {
        let (mut producer, consumer) = RingBuffer::new(100);
        let meter = Meter::default();
        let mut player = Player::new(consumer, 1, 100);
        producer.push_entire_slice(&[0.5; 4]).unwrap();
        let mut out = [7_u8; 6];
        player.play(&mut out, &meter);
        assert_eq!(out, [192, 192, 192, 192, 128, 128]);
    }
}
