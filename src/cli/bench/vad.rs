//! What listening costs: the whole listener, gate and neural detector, on people speaking.

use cpu_time::ProcessTime;

use super::Bencher;
use crate::{
    audio::{FRAME_SAMPLES, Frame, RATE_HZ},
    cli::{CommandError, Kind},
    listen::Listener,
    models,
    testing::babble,
};

/// Seconds of recordings that are listened to.
const SECONDS: u16 = 60;

#[allow(clippy::cast_precision_loss, reason = "a minute of samples")]
pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let silero = models::find(&bencher.context.dirs.models, "silero")?;
    let unavailable = |error| CommandError::new(Kind::Unavailable, error);
    let mut listener = Listener::new(&bencher.context.config.listen, &silero).map_err(unavailable)?;
    let longest = usize::from(SECONDS) * RATE_HZ as usize;
    let mut samples = Vec::new();
    for clip in bencher.clips("asr") {
        if samples.len() < longest {
            samples.extend(bencher.samples(clip)?);
        }
    }
    if samples.is_empty() {
        samples = babble(SECONDS);
    }
    let clock = |error| CommandError::new(Kind::Internal, error);
    let start = ProcessTime::try_now().map_err(clock)?;
    let mut frame = Frame::SILENCE;
    for chunk in samples.chunks_exact(FRAME_SAMPLES) {
        frame.0.copy_from_slice(chunk);
        listener.push(&frame);
    }
    let cpu = start.try_elapsed().map_err(clock)?;
    let seconds = samples.len() as f64 / f64::from(RATE_HZ);
    bencher.figure("vad", "cpu_per_second", cpu.as_secs_f64() * 1_000.0 / seconds, "ms")
}
