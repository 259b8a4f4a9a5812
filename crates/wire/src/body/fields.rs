//! The fields of a form, whose texts may be read in several ways.

use crate::written::Written;

/// Maximum number of readings of a form, and of the fields in all of them.
const MOST: usize = 64;
const MOST_FIELDS: usize = 10_000;

/// The fields of a form in their order, each with its readings, the most likely first.
#[derive(Debug, Default)]
pub(crate) struct Fields(Vec<(String, Vec<Written>)>);

impl Fields {
    /// Adds a field, unless it has no readings because it is absent.
    pub(super) fn push(&mut self, name: String, readings: Vec<Written>) {
        if !readings.is_empty() {
            self.0.push((name, readings));
        }
    }

    /// The readings of the whole form, the most likely first, and whether there are more of them.
    pub(crate) fn readings(&self) -> (Vec<Written>, bool) {
        let mut all = 1_usize;
        let mut counts = self.0.iter().map(|(_, readings)| readings.len());
        let is_cut = !counts.all(|count| {
            all = all.saturating_mul(count);
            all <= MOST && all.saturating_mul(self.0.len()) <= MOST_FIELDS.max(self.0.len())
        });
        let readings = (0..if is_cut { 1 } else { all }).map(|mut index| {
            let members = self.0.iter().map(|(name, readings)| {
                let value = readings[index % readings.len()].clone();
                index /= readings.len();
                (name.clone(), value)
            });
            Written::Members(members.collect())
        });
        (readings.collect(), is_cut)
    }
}
