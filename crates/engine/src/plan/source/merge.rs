//! `extends`: a child's items replace the parent's of the same kind and name.

use super::{Out, OutcomeSource, PlanSource, Procedure, RowWhen, TableSource};

/// The parent's plan with the child's items in it.
#[must_use]
pub fn merge(parent: PlanSource, child: PlanSource) -> PlanSource {
    PlanSource {
        id: child.id,
        extends: child.extends,
        region: child.region.or(parent.region),
        title: child.title,
        status: child.status,
        reviewed_through: child.reviewed_through,
        currency: child.currency.or(parent.currency),
        rating: child.rating.or(parent.rating),
        sources: replaced(parent.sources, child.sources, |s| &s.name.text),
        clauses: replaced(parent.clauses, child.clauses, |c| &c.cite.text),
        facts: replaced(parent.facts, child.facts, |f| &f.name.text),
        values: replaced(parent.values, child.values, |v| &v.name.text),
        params: replaced(parent.params, child.params, |p| &p.name.text),
        windows: replaced(parent.windows, child.windows, |w| &w.name.text),
        eaches: replaced(parent.eaches, child.eaches, |e| &e.name.text),
        portfolio: replaced(parent.portfolio, child.portfolio, |p| &p.name.text),
        measures: replaced(parent.measures, child.measures, |m| &m.name.text),
        gates: replaced(parent.gates, child.gates, |g| &g.name.text),
        tables: replaced(parent.tables, child.tables, |t| &t.name.text),
        adjusts: replaced(parent.adjusts, child.adjusts, |a| &a.name.text),
        class: child.class.or(parent.class),
        industry: child.industry.or(parent.industry),
        ladder: child.ladder.or(parent.ladder),
        outcome: OutcomeSource {
            start: child.outcome.start.or(parent.outcome.start),
            rate: child.outcome.rate.or(parent.outcome.rate),
            floor: child.outcome.floor.or(parent.outcome.floor),
            cap: child.outcome.cap.or(parent.outcome.cap),
        },
        asserts: replaced(parent.asserts, child.asserts, |a| &a.name.text),
        procedure: Procedure {
            timetable: child.procedure.timetable.or(parent.procedure.timetable),
            objection_days: child.procedure.objection_days.or(parent.procedure.objection_days),
            redetermination_days: child
                .procedure
                .redetermination_days
                .or(parent.procedure.redetermination_days),
            succession: child.procedure.succession.or(parent.procedure.succession),
        },
        broken: parent.broken.into_iter().chain(child.broken).collect(),
        reductions: if child.reductions.is_empty() { parent.reductions } else { child.reductions },
    }
}

fn replaced<T>(mut items: Vec<T>, child: Vec<T>, name: impl Fn(&T) -> &String) -> Vec<T> {
    for item in child {
        match items.iter().position(|known| name(known) == name(&item)) {
            Some(at) => items[at] = item,
            None => items.push(item),
        }
    }
    items
}

/// Puts each table behind those whose choice, percentage or rate it reads, and keeps the order otherwise. Tables that
/// read one another in a circle stay where they are; that is told where names get their meaning.
pub fn order_tables(plan: &mut PlanSource) {
    let mut rest = std::mem::take(&mut plan.tables);
    while !rest.is_empty() {
        let ready = |table: &TableSource| {
            let others = rest.iter().filter(|other| other.out != Out::Step && other.name != table.name);
            !others.into_iter().any(|other| reads(table, &other.name.text))
        };
        let next = rest.iter().position(ready).unwrap_or(0);
        plan.tables.push(rest.remove(next));
    }
}

fn reads(table: &TableSource, name: &str) -> bool {
    let conditions =
        table.rows.iter().filter_map(|row| if let RowWhen::If(when) = &row.when { Some(when) } else { None });
    table.columns.iter().any(|column| column.text == name)
        || conditions.into_iter().any(|when| when.expr.mentions(name))
}
