//! Which instructions kernels are made of, chosen when a network is made.
//!
//! A build for any x86 of 64 bits may use vectors of 128 bits only. Kernels are therefore compiled two times more, for
//! processors with AVX2 and with AVX-512, and the machine at hand decides which is run. All give the same bits: lanes lie over
//! outputs, sums go over inputs one at a time, and none fuses a multiplication with an addition.

/// The instructions that kernels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstructionSet {
    /// What the program was compiled for.
    Baseline,
    /// AVX2, of x86 processors: vectors of 256 bits.
    Avx2,
    /// AVX-512 (F, BW, DQ and VL), of x86 processors: vectors of 512 bits.
    Avx512,
}

impl InstructionSet {
    /// Those that this machine has, the slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let all = [Self::Baseline, Self::Avx2, Self::Avx512];
        all.into_iter().filter(|set| Instructions::new(*set).is_some()).collect()
    }
}

/// The instructions to use: a set that this machine has.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Instructions(Choice);

#[derive(Clone, Copy, Debug)]
enum Choice {
    Baseline,
    /// Made by [`Instructions::avx2`] alone, on a machine that has them.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Made by [`Instructions::avx512`] alone, on a machine that has them.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Work that may be done with any instructions. Only what is inlined into `run`, down to the loops, gains by them.
pub(crate) trait Work {
    fn run(self);
}

impl Instructions {
    /// The fastest that this machine has.
    pub(crate) fn fastest() -> Self {
        Self::avx512().or_else(Self::avx2).unwrap_or(Self(Choice::Baseline))
    }

    /// These, if this machine has them.
    pub(crate) fn new(set: InstructionSet) -> Option<Self> {
        match set {
            InstructionSet::Baseline => Some(Self(Choice::Baseline)),
            InstructionSet::Avx2 => Self::avx2(),
            InstructionSet::Avx512 => Self::avx512(),
        }
    }

    fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            return Some(Self(Choice::Avx2));
        }
        None
    }

    fn avx512() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as detected;
            if detected!("avx512f") && detected!("avx512bw") && detected!("avx512dq") && detected!("avx512vl") {
                return Some(Self(Choice::Avx512));
            }
        }
        None
    }

    /// Whether vectors have 512 bits.
    #[inline(always)]
    pub(crate) fn are_wide(self) -> bool {
        #[cfg(target_arch = "x86_64")]
        if let Choice::Avx512 = self.0 {
            return true;
        }
        false
    }

    /// Does the work with them.
    #[expect(unsafe_code, reason = "the compiler cannot see that the processor was asked")]
    #[inline]
    pub(crate) fn run(self, work: impl Work) {
        match self.0 {
            Choice::Baseline => work.run(),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `with_avx2` may be called where the processor has AVX2. `Choice::Avx2` is private to this file and made
            // in one place, after the processor was asked.
            Choice::Avx2 => unsafe { with_avx2(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the same, of `with_avx512` and `Choice::Avx512`.
            Choice::Avx512 => unsafe { with_avx512(work) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn with_avx2(work: impl Work) {
    work.run();
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn with_avx512(work: impl Work) {
    work.run();
}

/// Which of four numbers are not zero, the first in the lowest bit.
#[cfg(target_arch = "x86_64")]
#[expect(
    unsafe_code,
    reason = "the compiler does not find these instructions by itself, and they are ten times as fast"
)]
#[inline(always)]
pub(crate) fn nonzero_of_four([a, b, c, d]: [f32; 4]) -> u64 {
    use std::arch::x86_64::{_mm_cmpneq_ps, _mm_movemask_ps, _mm_set_ps, _mm_setzero_ps};
    // SAFETY: these are instructions of SSE, which every x86 processor of 64 bits has.
    let bits = unsafe { _mm_movemask_ps(_mm_cmpneq_ps(_mm_set_ps(d, c, b, a), _mm_setzero_ps())) };
    u64::from(bits.cast_unsigned())
}

/// Which of four numbers are not zero, the first in the lowest bit.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
pub(crate) fn nonzero_of_four(numbers: [f32; 4]) -> u64 {
    numbers.iter().rev().fold(0, |bits, number| bits << 1 | u64::from(*number != 0.0))
}
