//! Sound devices of this machine through `cpal`: a sound server (PulseAudio, or PipeWire in its place) where one
//! answers, else ALSA.
//!
//! That a device can be opened is the only proof that it exists: ALSA names a default device on a machine
//! without any. So everything that fails is remembered, and the error names all that was tried.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::thread;

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, ErrorKind, FromSample, Host, SampleFormat, SizedSample, StreamConfig, SupportedBufferSize};
use rtrb::{Consumer, Producer, RingBuffer};

use super::AudioError;
use super::callback::{self, Meter, Player};
use super::supervise::Device;

/// Which way sound goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From a microphone.
    Input,
    /// To a loudspeaker.
    Output,
}

impl Direction {
    const fn what(self) -> &'static str {
        match self {
            Self::Input => "microphone",
            Self::Output => "loudspeaker",
        }
    }

    /// Milliseconds of one period of the device. Shorter ones lose sound on a busy machine: a sound server drops
    /// what was captured after one period, and plays silence when two have run out.
    const fn period_ms(self) -> u32 {
        match self {
            Self::Input => 20,
            Self::Output => 30,
        }
    }

    fn config(self, device: &cpal::Device) -> Result<cpal::SupportedStreamConfig, cpal::Error> {
        match self {
            Self::Input => device.default_input_config(),
            Self::Output => device.default_output_config(),
        }
    }
}

/// A sound device that can be opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceInfo {
    /// `PulseAudio`, `ALSA` or another system's.
    pub host: String,
    /// Its name for people; a part of it in the configuration chooses it.
    pub name: String,
    /// Microphone or loudspeaker.
    pub direction: Direction,
    /// Whether it is used when the configuration names none.
    pub is_default: bool,
}

/// An open stream: its end of the ring, and what it is.
pub(super) struct Open<R> {
    /// Held so that the stream goes on; sound stops when it is dropped.
    _stream: cpal::Stream,
    pub(super) ring: R,
    pub(super) rate_hz: u32,
    name: String,
    pub(super) meter: Arc<Meter>,
}

impl<R: Send + 'static> Device for Open<R> {
    fn meter(&self) -> &Meter {
        &self.meter
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Opens the microphone whose name holds `wanted` (the default one if it is empty).
pub(super) fn open_input(wanted: &str) -> Result<Open<Consumer<f32>>, AudioError> {
    quiet(wanted, |wanted| open(Direction::Input, wanted, build_input))
}

/// Opens the loudspeaker whose name holds `wanted` (the default one if it is empty).
pub(super) fn open_output(wanted: &str) -> Result<Open<Producer<f32>>, AudioError> {
    quiet(wanted, |wanted| open(Direction::Output, wanted, build_output))
}

/// Lists the microphones and loudspeakers that can be opened, the best host's first.
pub fn devices() -> Vec<DeviceInfo> {
    quiet("", |_| {
        let mut list = Vec::new();
        for (host_name, host) in hosts() {
            let Ok(host) = host else { continue };
            for direction in [Direction::Input, Direction::Output] {
                let default = default_device(&host, direction).and_then(|device| device.id().ok());
                let Ok(devices) = host.devices() else { continue };
                list.extend(devices.filter(|device| direction.config(device).is_ok()).map(|device| DeviceInfo {
                    host: host_name.clone(),
                    name: name_of(&device),
                    direction,
                    is_default: default.is_some() && device.id().ok() == default,
                }));
            }
        }
        list
    })
}

/// Runs `action` on a thread on which libasound does not write to stderr: on a machine without a card it prints
/// a page of messages about every attempt, all of which are in our own error.
fn quiet<R: Send>(wanted: &str, action: impl FnOnce(&str) -> R + Send) -> R {
    thread::scope(|scope| {
        let worker = scope.spawn(|| {
            #[cfg(target_os = "linux")]
            let _messages = alsa::Output::local_error_handler();
            action(wanted)
        });
        match worker.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The hosts of this machine that may work, a sound server before the bare cards.
fn hosts() -> Vec<(String, Result<Host, cpal::Error>)> {
    let mut ids = cpal::available_hosts();
    ids.sort_by_key(|id| id.name() != "PulseAudio");
    ids.into_iter().map(|id| (id.name().to_owned(), cpal::host_from_id(id))).collect()
}

fn default_device(host: &Host, direction: Direction) -> Option<cpal::Device> {
    match direction {
        Direction::Input => host.default_input_device(),
        Direction::Output => host.default_output_device(),
    }
}

fn name_of(device: &cpal::Device) -> String {
    device.description().map_or_else(|_| "a device without a name".to_owned(), |about| about.name().to_owned())
}

fn is_wanted(device: &cpal::Device, wanted: &str) -> bool {
    let id = device.id().map(|id| id.to_string()).unwrap_or_default();
    [name_of(device), id].iter().any(|name| name.to_lowercase().contains(&wanted.to_lowercase()))
}

type Built<R> = Result<(cpal::Stream, R), cpal::Error>;

fn open<R>(
    direction: Direction,
    wanted: &str,
    build: fn(&cpal::Device, SampleFormat, StreamConfig, &Arc<Meter>) -> Built<R>,
) -> Result<Open<R>, AudioError> {
    let mut tried = Vec::new();
    for (host_name, host) in hosts() {
        let candidates: Vec<cpal::Device> = match host {
            Ok(host) if wanted.is_empty() => default_device(&host, direction).into_iter().collect(),
            Ok(host) => {
                let all = host.devices().into_iter().flatten();
                let mut like: Vec<_> =
                    all.filter(|device| direction.config(device).is_ok() && is_wanted(device, wanted)).collect();
                // One of exactly this name before one whose name holds it.
                like.sort_by_key(|device| name_of(device) != wanted);
                like
            }
            Err(error) => {
                tried.push(format!("{host_name} does not answer ({error})"));
                continue;
            }
        };
        if candidates.is_empty() {
            let missing =
                if wanted.is_empty() { "default device".to_owned() } else { format!("device like {wanted:?}") };
            tried.push(format!("{host_name} has no {missing}"));
        }
        for device in candidates {
            match open_device(direction, &device, build) {
                Ok(open) => return Ok(open),
                Err(error) => tried.push(format!("{host_name} {:?} cannot be opened ({error})", name_of(&device))),
            }
        }
    }
    if tried.is_empty() {
        tried.push("this system has no sound host".to_owned());
    }
    Err(AudioError::NoDevice { what: direction.what(), looked_for: tried.join("; ") })
}

fn open_device<R>(
    direction: Direction,
    device: &cpal::Device,
    build: fn(&cpal::Device, SampleFormat, StreamConfig, &Arc<Meter>) -> Built<R>,
) -> Result<Open<R>, cpal::Error> {
    let supported = direction.config(device)?;
    let rate_hz = supported.sample_rate();
    // PulseAudio's own default is two seconds of latency; some cards refuse a size they did not offer.
    let wanted = rate_hz / 1_000 * direction.period_ms();
    let period = match supported.buffer_size() {
        SupportedBufferSize::Range { min, max } => wanted.clamp(*min, (*max).max(*min)),
        SupportedBufferSize::Unknown => wanted,
    };
    let mut config = StreamConfig { buffer_size: BufferSize::Fixed(period), ..supported.config() };
    let meter = Arc::new(Meter::default());
    let built = build(device, supported.sample_format(), config, &meter).or_else(|_| {
        config.buffer_size = BufferSize::Default;
        build(device, supported.sample_format(), config, &meter)
    });
    let (stream, ring) = built?;
    stream.play()?;
    Ok(Open { _stream: stream, ring, rate_hz, name: name_of(device), meter })
}

/// Marks a stream as lost unless the host only says that a moment was missed.
fn report(meter: &Arc<Meter>) -> impl FnMut(cpal::Error) + Send + 'static {
    let meter = Arc::clone(meter);
    move |error| {
        if !matches!(error.kind(), ErrorKind::Xrun | ErrorKind::RealtimeDenied | ErrorKind::DeviceChanged) {
            meter.failed.store(true, Relaxed);
        }
    }
}

/// Calls `$build::<T>(...)` with the type of the samples.
macro_rules! with_sample_type {
    ($format:expr, $build:ident($($argument:expr),*)) => {
        match $format {
            SampleFormat::F32 => $build::<f32>($($argument),*),
            SampleFormat::I16 => $build::<i16>($($argument),*),
            SampleFormat::I32 => $build::<i32>($($argument),*),
            SampleFormat::I24 => $build::<cpal::I24>($($argument),*),
            SampleFormat::U8 => $build::<u8>($($argument),*),
            SampleFormat::I8 => $build::<i8>($($argument),*),
            SampleFormat::U16 => $build::<u16>($($argument),*),
            SampleFormat::U32 => $build::<u32>($($argument),*),
            SampleFormat::F64 => $build::<f64>($($argument),*),
            other => {
                let message = format!("samples of the format {other} are not supported");
                Err(cpal::Error::with_message(ErrorKind::UnsupportedConfig, message))
            }
        }
    };
}

fn build_input(
    device: &cpal::Device,
    format: SampleFormat,
    config: StreamConfig,
    meter: &Arc<Meter>,
) -> Built<Consumer<f32>> {
    with_sample_type!(format, build_input_of(device, config, meter))
}

fn build_input_of<T>(device: &cpal::Device, config: StreamConfig, meter: &Arc<Meter>) -> Built<Consumer<f32>>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    // Two seconds: a reader that is busy for so long has other troubles.
    let (mut producer, consumer) = RingBuffer::new(config.sample_rate as usize * 2);
    let channels = usize::from(config.channels.max(1));
    let callback_meter = Arc::clone(meter);
    let stream = device.build_input_stream(
        config,
        move |data: &[T], _| callback::capture(data, channels, &mut producer, &callback_meter),
        report(meter),
        None,
    )?;
    Ok((stream, consumer))
}

fn build_output(
    device: &cpal::Device,
    format: SampleFormat,
    config: StreamConfig,
    meter: &Arc<Meter>,
) -> Built<Producer<f32>> {
    with_sample_type!(format, build_output_of(device, config, meter))
}

fn build_output_of<T>(device: &cpal::Device, config: StreamConfig, meter: &Arc<Meter>) -> Built<Producer<f32>>
where
    T: SizedSample + FromSample<f32>,
{
    // 200 ms: a writer that comes late by more is heard as a gap anyway.
    let (producer, consumer) = RingBuffer::new(config.sample_rate as usize / 5);
    let mut player = Player::new(consumer, usize::from(config.channels.max(1)), config.sample_rate);
    let callback_meter = Arc::clone(meter);
    let stream = device.build_output_stream(
        config,
        move |data: &mut [T], _| player.play(data, &callback_meter),
        report(meter),
        None,
    )?;
    Ok((stream, producer))
}
