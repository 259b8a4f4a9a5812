//! Names the drifts of each pair by the rules.

use crate::comparison::Comparison;
use crate::diff::graph::Graph;
use crate::rules::{annotations, discriminators, object, union, values, xml};

impl<'d> Graph<'d> {
    /// Names the drifts of each pair by the rules, once its verdict is known.
    pub(crate) fn name_drifts(&mut self, comparison: &mut Comparison<'d>) {
        let names_in_xml = xml::names(&self.nodes);
        for id in 0..self.nodes.len() {
            let both = self.both(comparison, id);
            if both.leads_apart() || both.base.is_unread || both.revision.is_unread {
                // The parts that were not read may be the same.
                continue;
            }
            let mut locals = object::compare(&mut comparison.schemas, &both);
            locals.extend(values::compare(&mut comparison.schemas, &both));
            locals.extend(annotations::compare(&both));
            locals.extend(annotations::content_schema(&mut comparison.schemas, &both));
            locals.extend(names_in_xml.get(&id).and_then(|names| xml::compare(&both, names)));
            locals.extend(union::compare(&mut comparison.schemas, &both));
            let tags = discriminators::compare(&mut comparison.schemas, &both, &locals);
            locals.extend(tags);
            locals.extend(union::overlap(&mut comparison.schemas, &both));
            self.nodes[id].locals = locals;
        }
    }
}
