//! What it costs to wait: the listener of the configuration, with everything that it asks, in a quiet room and in
//! constant noise, without and with a wake word where one is installed. Nobody speaks.

use cpu_time::ProcessTime;

use super::{Bencher, ears::frame};
use crate::{
    audio::{FRAME_SAMPLES, RATE_HZ},
    cli::{
        CommandError, Kind,
        wake::{self, Chosen},
    },
    listen::Listener,
    models,
    testing::{QuietNoise, hiss},
};

const BENCH: &str = "idle";
/// What is heard before the measurement, seconds: the listener needs a minute to find that a place is never quiet.
const BEFORE: usize = 65;
/// Length of the measurement, seconds.
const SECONDS: usize = 60;
/// Level of the noise, of full scale: -30 dB.
const NOISE: f32 = 0.03;

pub(super) fn run(bencher: &Bencher<'_>) -> Result<(), CommandError> {
    let samples = (BEFORE + SECONDS) * RATE_HZ as usize;
    let quiet: Vec<f32> = QuietNoise::new().samples(samples).collect();
    let noise: Vec<f32> = hiss(samples).map(|sample| sample * NOISE).collect();
    let chosen = wake::some(bencher.context)?;
    let mut ways = vec![("cpu", None)];
    ways.extend(chosen.as_ref().map(|chosen| ("cpu_with_wake_word", Some(chosen))));
    for (place, samples) in [("quiet_room", quiet), ("constant_noise", noise)] {
        for (metric, wake) in &ways {
            let share = share(bencher, &samples, *wake)?;
            bencher.figure(BENCH, &format!("{place}/{metric}"), share * 100.0, "% of a core")?;
        }
    }
    Ok(())
}

/// Returns the share of a core that listening takes.
#[allow(clippy::cast_precision_loss, reason = "a minute")]
fn share(bencher: &Bencher<'_>, samples: &[f32], wake: Option<&Chosen>) -> Result<f64, CommandError> {
    let clock = |error| CommandError::new(Kind::Internal, error);
    let silero = models::find(&bencher.context.dirs.models, "silero")?;
    let listen = &bencher.context.config.listen;
    let unavailable = |error| CommandError::new(Kind::Unavailable, error);
    let mut listener = Listener::new(listen, &silero).map_err(unavailable)?;
    if let Some(chosen) = wake {
        listener.watch(listen, &chosen.words).map_err(unavailable)?;
    }
    let (before, measured) = samples.split_at(BEFORE * RATE_HZ as usize);
    let mut hear = |samples: &[f32]| {
        for chunk in samples.chunks_exact(FRAME_SAMPLES) {
            listener.push(&frame(chunk));
        }
    };
    hear(before);
    let start = ProcessTime::try_now().map_err(clock)?;
    hear(measured);
    Ok(start.try_elapsed().map_err(clock)?.as_secs_f64() / SECONDS as f64)
}
