//! The processor.

use std::{env, thread};

use super::{Check, Patient};

/// Recognition in time needs the wide arithmetic of processors since about 2013.
pub(super) fn cpu(_: &Patient<'_>) -> Vec<Check> {
    let features = cpu_features();
    let names = |wanted| {
        features.iter().filter(|(_, there)| *there == wanted).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let missing = names(false);
    vec![if missing.is_empty() {
        Check::good("processor", format!("{} with {}", env::consts::ARCH, names(true)))
    } else {
        let fix = "recognition will be several times slower: use a newer processor, or a smaller model";
        Check::bad("processor", format!("{} without {missing}", env::consts::ARCH), fix)
    }]
}

#[cfg(target_arch = "x86_64")]
fn cpu_features() -> Vec<(&'static str, bool)> {
    vec![
        ("AVX2", is_x86_feature_detected!("avx2")),
        ("FMA", is_x86_feature_detected!("fma")),
        ("F16C", is_x86_feature_detected!("f16c")),
    ]
}

#[cfg(target_arch = "aarch64")]
fn cpu_features() -> Vec<(&'static str, bool)> {
    vec![("NEON", std::arch::is_aarch64_feature_detected!("neon"))]
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn cpu_features() -> Vec<(&'static str, bool)> {
    Vec::new()
}

/// A conversation needs one core to listen and the decode's threads beside it.
pub(super) fn threads(patient: &Patient<'_>) -> Vec<Check> {
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let threads = usize::try_from(patient.config.asr.threads).unwrap_or(usize::MAX);
    let detail = format!("{threads} of {cores} cores for a decode");
    vec![if cores > threads {
        Check::good("threads", detail)
    } else if cores == 1 {
        Check::bad("threads", detail, "use a machine with two cores: one listens while the other recognises")
    } else {
        let fix = format!("set [asr] threads to {} or less: one core listens", cores - 1);
        Check::bad("threads", detail, fix)
    }]
}
