//! The values over all employers of a run: given with `--portfolio`, or computed in a first pass over the input.

use super::{RateArguments, read};
use crate::cli::{Stop, tell};
use crate::exchange::Mapping;
use crate::rate::{Desk, Explain};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::compiled::{Frozen, frozen};
use floatrate_engine::rating::FirstPass;
use floatrate_engine::record::{Date, Declared};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The values over all employers: from the file, otherwise computed in a first pass over the input.
pub(super) fn values(
    arguments: &RateArguments,
    mapping: Option<&Mapping>,
    plan: &Plan,
    declared: &Declared,
    date: Date,
    lang: Lang,
) -> Result<Vec<Frozen>, Stop> {
    let checked = &plan.checked;
    let values =
        arguments.portfolio.as_deref().map_or_else(|| Ok(BTreeMap::new()), |path| of_file(path, lang))?;
    let given = crate::portfolio::given(checked, &values).map_err(|problems| {
        let said = problems.iter().map(|p| if lang == Lang::Zh { &p.zh } else { &p.en });
        Stop::usage(said.map(|text| format!("--portfolio: {text}")).collect::<Vec<_>>().join("\n"))
    })?;
    let unknown = |at: usize| given[at].is_none() && checked.portfolio[at].must_be_given();
    let lacking: Vec<&str> =
        (0..given.len()).filter(|at| unknown(*at)).map(|at| checked.portfolio[at].name.as_str()).collect();
    if !lacking.is_empty() {
        let (id, names) = (&checked.id, lacking.join(", "));
        return Err(Stop::usage(match lang {
            Lang::Zh => format!(
                "{id} 使用全体单位的数值 {names}：请用 --portfolio 文件给出，如 {{\"{}\": \"0.5\"}}",
                lacking[0]
            ),
            Lang::En => format!(
                "{id} reads values over all employers that somebody must give: {names}. Name a file with --portfolio, such as {{\"{}\": \"0.5\"}}",
                lacking[0]
            ),
        }));
    }
    let mut pass = FirstPass::default();
    if given.iter().any(Option::is_none) {
        if arguments.input.is_none() {
            return Err(Stop::usage(match lang {
                Lang::Zh => format!(
                    "{} 须先通读全部记录以计算全体单位的数值：请用 --input 给出文件，或用 --portfolio 给出数值",
                    checked.id
                ),
                Lang::En => format!(
                    "{} computes values over all employers, so it reads its records twice: name a file with --input, or give the values with --portfolio",
                    checked.id
                ),
            }));
        }
        let program = plan.compile_for_first_pass(date).map_err(Stop::usage)?;
        let desk = Desk::new(Arc::new(program), declared.clone(), Explain::None, lang);
        read(
            arguments,
            mapping,
            true,
            |inputs| desk.first_pass(&inputs),
            |more| {
                pass.merge(&more);
                Ok(())
            },
            lang,
        )?;
    }
    let sums = pass.sums().ok_or_else(|| {
        Stop::usage(match lang {
            Lang::Zh => "全体单位的合计超出128位：请在办法中先行舍入",
            Lang::En => "a sum over all employers does not fit 128 bits: round in the plan what it adds up",
        })
    })?;
    let (employers, left_out) = pass.counts();
    let frozen = frozen(&plan.checked, date, &given, &sums, employers)
        .map_err(|problems| Stop::usage(problems.join("\n")))?;
    if employers + left_out > 0 && !arguments.quiet {
        for ((value, frozen), given) in checked.portfolio.iter().zip(&frozen).zip(&given) {
            if given.is_none() {
                tell(&match lang {
                    Lang::Zh => format!(
                        "全体单位的数值 {} = {frozen}（{employers}户；{left_out}户因缺数据未计入）",
                        value.name
                    ),
                    Lang::En => format!(
                        "over all employers: {} = {frozen} ({employers} employers; {left_out} left out for want of data)",
                        value.name
                    ),
                });
            }
        }
    }
    Ok(frozen)
}

/// The values of a file: a JSON object of texts.
pub(in crate::cli) fn of_file(path: &Path, lang: Lang) -> Result<BTreeMap<String, String>, Stop> {
    let text = std::fs::read_to_string(path).map_err(|why| Stop::file(&path.display().to_string(), &why))?;
    serde_json::from_str(&text).map_err(|why| {
        let file = path.display();
        Stop::usage(match lang {
            Lang::Zh => format!("--portfolio {file}：应为 {{\"名称\": \"0.5\"}} 形式的 JSON（{why}）"),
            Lang::En => {
                format!("--portfolio {file}: expected a JSON object like {{\"name\": \"0.5\"}} ({why})")
            }
        })
    })
}
