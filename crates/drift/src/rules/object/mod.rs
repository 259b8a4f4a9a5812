//! Objects: names that are required, declared, refused or removed.

mod about;
mod declared;
mod further;
mod meant;
mod names;
mod required;

pub(crate) use self::declared::branch_names;
pub(super) use self::meant::{REQUEST_MEANT, RESPONSE_MEANT};
pub(super) use self::names::{REQUEST_ADDED, REQUEST_LOST, RESPONSE_ADDED, RESPONSE_LOST};
pub(crate) use self::required::ABSENT;
use crate::containment::Schemas;
use crate::diff::face::Face;
use crate::diff::node::Local;
use crate::diff::pair::Both;
use crate::report::Side;
use crate::rule::Rule;
use crate::rules::union;
use crate::schema::reader::Reader;

pub(crate) const RULES: &[&Rule] = &[
    &required::REQUEST_REQUIRED_ADDED,
    &required::REQUEST_BECAME_REQUIRED,
    &required::REQUEST_BECAME_OPTIONAL,
    &names::REQUEST_REFUSED,
    &names::REQUEST_LOST,
    &names::REQUEST_ADDED,
    &further::REQUEST_UNDECLARED,
    &meant::REQUEST_MEANT,
    &required::RESPONSE_REQUIRED_REMOVED,
    &required::RESPONSE_BECAME_OPTIONAL,
    &required::RESPONSE_BECAME_REQUIRED,
    &names::RESPONSE_REFUSED,
    &names::RESPONSE_LOST,
    &names::RESPONSE_ADDED,
    &further::RESPONSE_UNDECLARED,
    &meant::RESPONSE_MEANT,
];

/// The drifts between two objects, without those inside the schemas of their properties.
pub(crate) fn compare<'d>(schemas: &mut Schemas<'d>, both: &Both<'_, 'd>) -> Vec<Local> {
    let mut found = Vec::new();
    if both.base.is_object() && both.revision.is_object() {
        required::compare(schemas, both, &mut found);
        names::compare(schemas, both, &mut found);
        further::compare(schemas, both, &mut found);
    } else if both.base.is_object() && both.revision.says_nothing()
        || is_beside_objects(schemas.reader(), both)
    {
        names::compare(schemas, both, &mut found);
    }
    found.extend(meant::compare(schemas, both));
    found
}

/// Whether both sides are objects or unions of objects, so that names are compared with all alternatives at once.
fn is_beside_objects<'d>(reader: &mut Reader<'d>, both: &Both<'_, 'd>) -> bool {
    if union::whole_side(both).is_none() && both.base.is_bare() && both.revision.is_bare() {
        return false;
    }
    let mut is_object = |side: Side, face: &Face<'d>| {
        let mut alternatives = face.unions.iter().flatten();
        let has_alternatives = !face.unions.is_empty();
        face.is_object()
            || has_alternatives
                && alternatives.all(|it| {
                    reader.is_null(side.index(), it.node)
                        || Face::of(reader, side, it, both.direction()).is_object()
                })
    };
    is_object(Side::Base, both.base) && is_object(Side::Revision, both.revision)
}
