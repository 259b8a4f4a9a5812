//! Names the drifts of each pair by the rules.

use openapi_document::Node as DocumentNode;

use crate::comparison::Comparison;
use crate::diff::face::Face;
use crate::diff::graph::Graph;
use crate::diff::node::Local;
use crate::diff::pair::{self, Both};
use crate::report::Side;
use crate::rules::lifecycle;
use crate::rules::{annotations, by_witness, discriminators, object, union, values, xml};
use crate::schema::keywords::SUNSET;

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
            locals.extend(deprecation(&both));
            locals.extend(union::compare(&mut comparison.schemas, &both));
            let tags = discriminators::compare(&mut comparison.schemas, &both, &locals);
            locals.extend(tags);
            locals.extend(union::overlap(&mut comparison.schemas, &both));
            self.nodes[id].locals = locals;
        }
    }
}

/// The drifts of the keyword `deprecated` and of the date after which a part stops working.
fn deprecation<'d>(both: &Both<'_, 'd>) -> Vec<Local> {
    let mut found = Vec::new();
    let says = |face: &Face<'d>| face.annotation("deprecated").and_then(DocumentNode::as_bool) == Some(true);
    if !says(both.base) && says(both.revision) {
        let title = format!("{} is deprecated", pair::label_of(both, Side::Base));
        found.push(both.local(&by_witness::PROPERTY_DEPRECATED, title));
    }
    let dates = (both.base.annotation(SUNSET), both.revision.annotation(SUNSET));
    if dates.0 != dates.1 {
        let sunset = lifecycle::sunset(dates.0, dates.1, &pair::label_of(both, Side::Base));
        found.extend(sunset.map(|(rule, title)| both.local(rule, title)));
    }
    found
}
