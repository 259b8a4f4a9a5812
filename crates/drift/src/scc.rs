//! Strongly connected components of a graph.

/// The strongly connected components of a graph, given the children of each node. Deeper ones come first (Tarjan's
/// algorithm, without recursion).
pub(crate) fn components(children: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const UNSEEN: usize = usize::MAX;
    let count = children.len();
    let (mut number, mut low) = (vec![UNSEEN; count], vec![0; count]);
    let mut on_stack = vec![false; count];
    let (mut stack, mut components, mut next) = (Vec::new(), Vec::new(), 0);
    for start in 0..count {
        if number[start] != UNSEEN {
            continue;
        }
        let mut calls = vec![(start, 0)];
        while let Some(&mut (id, ref mut edge)) = calls.last_mut() {
            if *edge == 0 && number[id] == UNSEEN {
                (number[id], low[id]) = (next, next);
                next += 1;
                stack.push(id);
                on_stack[id] = true;
            }
            if let Some(child) = children[id].get(*edge) {
                *edge += 1;
                if number[*child] == UNSEEN {
                    calls.push((*child, 0));
                } else if on_stack[*child] {
                    low[id] = low[id].min(number[*child]);
                }
                continue;
            }
            calls.pop();
            if let Some((parent, _)) = calls.last() {
                low[*parent] = low[*parent].min(low[id]);
            }
            if low[id] == number[id] {
                let mut component = Vec::new();
                while let Some(member) = stack.pop() {
                    on_stack[member] = false;
                    component.push(member);
                    if member == id {
                        break;
                    }
                }
                component.sort_unstable();
                components.push(component);
            }
        }
    }
    components
}
