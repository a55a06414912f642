//! Instruction sets that kernels are compiled for. The set is chosen when a network is created.
//!
//! A portable build for 64-bit x86 may use vectors of 128 bits only. Kernels are therefore compiled two more times, for
//! processors with AVX2 and with AVX-512, and the fastest version that the machine supports runs. All versions give the
//! same bits: lanes are outputs, each sum adds its inputs one at a time, and no multiplication is fused with an
//! addition (Invariant 4).
//!
//! A kernel is inlined as a whole into one function for each set ([`Instructions::run`]). Calling that function and
//! finding the nonzero inputs ([`Instructions::nonzero_places`]) are the only `unsafe` code of the workspace outside
//! tests.

/// An instruction set that kernels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InstructionSet {
    /// The set that the program was compiled for.
    Baseline,
    /// AVX2 of x86 processors: vectors of 256 bits.
    Avx2,
    /// AVX-512 (F, BW, DQ and VL) of x86 processors: vectors of 512 bits.
    Avx512,
}

impl InstructionSet {
    /// Returns the sets that this machine supports, the slowest first.
    #[must_use]
    pub fn available() -> Vec<Self> {
        let all = [Self::Baseline, Self::Avx2, Self::Avx512];
        all.into_iter().filter(|set| Instructions::new(*set).is_some()).collect()
    }

    /// Name of the set, for descriptions of a machine.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Baseline => "baseline",
            Self::Avx2 => "AVX2",
            Self::Avx512 => "AVX-512",
        }
    }
}

/// The instructions to use: a set that this machine supports.
#[derive(Clone, Copy, Debug)]
pub struct Instructions(Choice);

#[derive(Clone, Copy, Debug)]
enum Choice {
    Baseline,
    /// Created only by [`Instructions::avx2`], on a machine that supports them.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Created only by [`Instructions::avx512`], on a machine that supports them.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Work that can use any instruction set. Only code that is inlined into `run`, down to the loops, benefits.
pub trait Work {
    /// Runs it.
    fn run(self);
}

impl Instructions {
    /// Returns the fastest set that this machine supports.
    pub fn fastest() -> Self {
        Self::avx512().or_else(Self::avx2).unwrap_or(Self(Choice::Baseline))
    }

    /// Returns this set, if the machine supports it.
    pub fn new(set: InstructionSet) -> Option<Self> {
        match set {
            InstructionSet::Baseline => Some(Self(Choice::Baseline)),
            InstructionSet::Avx2 => Self::avx2(),
            InstructionSet::Avx512 => Self::avx512(),
        }
    }

    fn avx2() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as detected;
            if detected!("avx2") && detected!("popcnt") {
                return Some(Self(Choice::Avx2));
            }
        }
        None
    }

    fn avx512() -> Option<Self> {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as detected;
            let vectors =
                detected!("avx512f") && detected!("avx512bw") && detected!("avx512dq") && detected!("avx512vl");
            // For the compiler, `avx512f` implies these.
            let implied = detected!("avx2") && detected!("fma") && detected!("f16c");
            if vectors && implied && detected!("popcnt") {
                return Some(Self(Choice::Avx512));
            }
        }
        None
    }

    /// Runs the work with these instructions.
    #[expect(unsafe_code, reason = "the compiler cannot see that the processor was checked")]
    #[inline]
    pub fn run(self, work: impl Work) {
        match self.0 {
            Choice::Baseline => work.run(),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `with_avx2` may be called if the processor has AVX2. `Choice::Avx2` is private to this file and created
            // in one place, after the processor was checked.
            Choice::Avx2 => unsafe { with_avx2(work) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: the same holds for `with_avx512` and `Choice::Avx512`, with AVX-512 F, BW, DQ and VL, and with AVX2, FMA
            // and F16C, which F implies.
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

/// Number of nonzero numbers in a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NonzeroCount {
    /// Number of nonzero numbers.
    pub count: usize,
    /// True if all of them are 1.
    pub ones: bool,
}

/// Extra length of a list of positions beyond the numbers, so that whole vectors can be written.
pub const PADDING: usize = 16;

impl Instructions {
    /// Writes the positions of the nonzero numbers in ascending order. `places` must be longer than `numbers` by [`PADDING`].
    #[expect(unsafe_code, reason = "the compiler cannot see that the processor was checked")]
    pub fn nonzero_places(self, numbers: &[f32], places: &mut [u32]) -> NonzeroCount {
        match self.0 {
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as in `run`; the processor was also checked for POPCNT, which this function enables in addition.
            Choice::Avx512 => unsafe { nonzero_places_avx512(numbers, places) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as for AVX-512.
            Choice::Avx2 => unsafe { nonzero_places_avx2(numbers, places) },
            Choice::Baseline => pack(numbers, places, bits_of_eight),
        }
    }
}

/// Bit masks of eight numbers that are nonzero or 1; the lowest bit is the first number.
#[derive(Clone, Copy)]
struct Bits {
    nonzero: u8,
    ones: u8,
}

/// Positions of the set bits of each byte, followed by zeros.
static PLACES_IN_BYTE: [[u8; 8]; 256] = {
    let mut all = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut place, mut count) = (0, 0);
        while place < 8 {
            if byte >> place & 1 == 1 {
                all[byte][count] = place;
                count += 1;
            }
            place += 1;
        }
        byte += 1;
    }
    all
};

/// Finds positions, eight numbers at a time.
#[inline(always)]
fn pack(numbers: &[f32], places: &mut [u32], bits_of: impl Fn(&[f32; 8]) -> Bits) -> NonzeroCount {
    let mut found = NonzeroCount { count: 0, ones: true };
    let (eights, rest) = numbers.as_chunks::<8>();
    for (number, eight) in eights.iter().enumerate() {
        pack_eight(bits_of(eight), number * 8, places, &mut found);
    }
    if !rest.is_empty() {
        let mut eight = [0.0; 8];
        eight[..rest.len()].copy_from_slice(rest);
        pack_eight(bits_of(&eight), eights.len() * 8, places, &mut found);
    }
    found
}

/// Writes eight positions in any case; the excess ones are overwritten later. A loop over the set bits would end at
/// unpredictable branches.
#[inline(always)]
fn pack_eight(bits: Bits, first: usize, places: &mut [u32], found: &mut NonzeroCount) {
    let Some(room) = places[found.count..].first_chunk_mut::<8>() else {
        unreachable!("the list is padded for eight more")
    };
    // No layer has 2³² inputs: `MOST_ELEMENTS`.
    *room = PLACES_IN_BYTE[usize::from(bits.nonzero)].map(|place| first as u32 + u32::from(place));
    found.count += bits.nonzero.count_ones() as usize;
    found.ones &= bits.ones == bits.nonzero;
}

#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "the compiler does not generate these instructions, and they are ten times as fast")]
#[inline(always)]
fn bits_of_eight([a, b, c, d, e, f, g, h]: &[f32; 8]) -> Bits {
    use std::arch::x86_64::{_mm_cmpeq_ps, _mm_cmpneq_ps, _mm_movemask_ps, _mm_set_ps, _mm_set1_ps, _mm_setzero_ps};
    // SAFETY: these are SSE instructions, which every 64-bit x86 processor has.
    unsafe {
        let (low, high) = (_mm_set_ps(*d, *c, *b, *a), _mm_set_ps(*h, *g, *f, *e));
        // Four bits each.
        let bits = |compare: fn(_, _) -> _, other| {
            (_mm_movemask_ps(compare(low, other)) | _mm_movemask_ps(compare(high, other)) << 4).to_le_bytes()[0]
        };
        Bits {
            nonzero: bits(|a, b| _mm_cmpneq_ps(a, b), _mm_setzero_ps()),
            ones: bits(|a, b| _mm_cmpeq_ps(a, b), _mm_set1_ps(1.0)),
        }
    }
}

#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn bits_of_eight(numbers: &[f32; 8]) -> Bits {
    let bits = |pass: fn(f32) -> bool| numbers.iter().rev().fold(0, |bits, number| bits << 1 | u8::from(pass(*number)));
    Bits { nonzero: bits(|number| number != 0.0), ones: bits(|number| number == 1.0) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,popcnt")]
fn nonzero_places_avx2(numbers: &[f32], places: &mut [u32]) -> NonzeroCount {
    use std::arch::x86_64::{
        _CMP_EQ_OQ, _CMP_NEQ_UQ, _mm256_cmp_ps, _mm256_movemask_ps, _mm256_set1_ps, _mm256_setr_ps, _mm256_setzero_ps,
    };
    pack(numbers, places, |[a, b, c, d, e, f, g, h]| {
        let numbers = _mm256_setr_ps(*a, *b, *c, *d, *e, *f, *g, *h);
        let nonzero = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_NEQ_UQ>(numbers, _mm256_setzero_ps()));
        let ones = _mm256_movemask_ps(_mm256_cmp_ps::<_CMP_EQ_OQ>(numbers, _mm256_set1_ps(1.0)));
        // Eight bits each.
        Bits { nonzero: nonzero.to_le_bytes()[0], ones: ones.to_le_bytes()[0] }
    })
}

/// Like the other versions, but with an instruction that packs the positions.
#[cfg(target_arch = "x86_64")]
#[expect(unsafe_code, reason = "vectors are read and written through pointers")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,popcnt")]
fn nonzero_places_avx512(numbers: &[f32], places: &mut [u32]) -> NonzeroCount {
    use std::arch::x86_64::{
        _CMP_NEQ_UQ, _mm512_add_epi32, _mm512_castps_si512, _mm512_cmp_ps_mask, _mm512_loadu_ps,
        _mm512_maskz_compress_epi32, _mm512_maskz_xor_epi32, _mm512_or_si512, _mm512_set1_epi32, _mm512_set1_ps,
        _mm512_setr_epi32, _mm512_setzero_ps, _mm512_setzero_si512, _mm512_storeu_epi32, _mm512_test_epi32_mask,
    };
    let mut positions = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    let one = _mm512_castps_si512(_mm512_set1_ps(1.0));
    // The bits in which nonzero numbers differ from 1: a second comparison would wait for the unit of the first one.
    let (mut count, mut differing) = (0, _mm512_setzero_si512());
    let (sixteens, rest) = numbers.as_chunks::<PADDING>();
    let mut last = [0.0; PADDING];
    last[..rest.len()].copy_from_slice(rest);
    for numbers in sixteens.iter().chain((!rest.is_empty()).then_some(&last)) {
        // SAFETY: these are 16 numbers of 32 bits.
        let numbers = unsafe { _mm512_loadu_ps(numbers.as_ptr()) };
        let nonzero = _mm512_cmp_ps_mask::<_CMP_NEQ_UQ>(numbers, _mm512_setzero_ps());
        let bits = _mm512_maskz_xor_epi32(nonzero, _mm512_castps_si512(numbers), one);
        differing = _mm512_or_si512(differing, bits);
        let Some(room) = places[count..].first_chunk_mut::<PADDING>() else {
            unreachable!("the list is padded for {PADDING} more")
        };
        // SAFETY: `room` holds the 16 numbers of 32 bits that are written.
        unsafe { _mm512_storeu_epi32(room.as_mut_ptr().cast(), _mm512_maskz_compress_epi32(nonzero, positions)) };
        count += nonzero.count_ones() as usize;
        positions = _mm512_add_epi32(positions, _mm512_set1_epi32(16));
    }
    NonzeroCount { count, ones: _mm512_test_epi32_mask(differing, differing) == 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_instruction_set_finds_the_same_places() {
        let kinds: [fn(usize) -> f32; 4] = [
            |place| if place % 5 == 2 { -0.0 } else { (place % 3) as f32 },
            |place| if place % 7 == 3 { 1.0 } else { 0.0 },
            |place| [0.0, 1.0, -1.0, 0.0, -0.0][place % 5],
            |_| 0.0,
        ];
        for (kind, lengths) in kinds.iter().zip(std::iter::repeat(0..=70)) {
            for length in lengths {
                let numbers: Vec<f32> = (0..length).map(kind).collect();
                let expected: Vec<u32> = (0..length as u32).filter(|place| numbers[*place as usize] != 0.0).collect();
                let all = |pass: fn(f32) -> bool| expected.iter().all(|place| pass(numbers[*place as usize]));
                for set in InstructionSet::available() {
                    let mut places = vec![9; length + PADDING];
                    let instructions = Instructions::new(set).expect("it is available");
                    let found = instructions.nonzero_places(&numbers, &mut places);
                    assert_eq!(places[..found.count], expected, "{set:?}");
                    assert_eq!(found.ones, all(|number| number == 1.0));
                }
            }
        }
    }
}
