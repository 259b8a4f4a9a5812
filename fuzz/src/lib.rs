//! What the programs of the targets have in common, each of which is one line.

pub use libfuzzer_sys;

/// The program of a target whose input is bytes.
#[macro_export]
macro_rules! of_bytes {
    ($target:literal) => {
        $crate::libfuzzer_sys::fuzz_target!(|bytes: &[u8]| attacks::attack($target, bytes));
    };
}

/// The program of a target whose input is documents, which are mostly mutated as such.
#[macro_export]
macro_rules! of_documents {
    ($target:literal) => {
        $crate::of_bytes!($target);
        $crate::libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            // One mutation in four is of bytes, so that what is no document is met as well.
            match attacks::mutated(&data[..size], u64::from(seed)).filter(|it| seed % 4 != 0 && it.len() <= max_size) {
                Some(mutated) => {
                    data[..mutated.len()].copy_from_slice(&mutated);
                    mutated.len()
                }
                None => $crate::libfuzzer_sys::fuzzer_mutate(data, size, max_size),
            }
        });
    };
}
