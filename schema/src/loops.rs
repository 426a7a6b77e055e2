use super::{index::NodeId, node::Node};

/// A subschema that would be applied to the same value again by way of itself, so that checking would never end.
///
/// Takes away, again and again, what applies nothing that is left. What stays leads into a cycle.
pub(super) fn find(nodes: &[Node]) -> Option<NodeId> {
    let applied: Vec<Vec<NodeId>> = nodes.iter().map(Node::applied_in_place).collect();
    let mut appliers = vec![Vec::new(); nodes.len()];
    for (id, targets) in applied.iter().enumerate() {
        for target in targets {
            if let Some(appliers) = appliers.get_mut(*target) {
                appliers.push(id);
            }
        }
    }
    let mut open: Vec<usize> = applied.iter().map(Vec::len).collect();
    let mut done: Vec<NodeId> = (0..nodes.len())
        .filter(|id| open.get(*id) == Some(&0))
        .collect();
    while let Some(id) = done.pop() {
        for applier in appliers.get(id).into_iter().flatten() {
            let Some(count) = open.get_mut(*applier) else {
                continue;
            };
            *count = count.saturating_sub(1);
            if *count == 0 {
                done.push(*applier);
            }
        }
    }
    let is_open = |id: &NodeId| open.get(*id).is_some_and(|count| *count > 0);
    let start = (0..nodes.len()).find(is_open)?;
    // From there every step can stay among what is left, and so many steps cannot all be on the way to the cycle.
    nodes.iter().try_fold(start, |id, _| {
        applied.get(id)?.iter().copied().find(is_open)
    })
}
