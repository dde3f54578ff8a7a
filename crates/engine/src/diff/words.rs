//! Changes as sentences, Chinese and English.

use super::statement::both;
use crate::Bilingual;

/// A part in words: its kind and what it is called.
#[derive(Clone, Debug)]
pub(super) struct Noun(pub Bilingual);

/// The sections of a plan in the order of reports, with what one of their parts is called.
const SECTIONS: [(&str, &str, &str); 23] = [
    ("plan", "办法", "the plan"),
    ("source", "文件", "source"),
    ("rating", "费率生效日", "the rating dates"),
    ("class", "行业类别", "the risk classes"),
    ("industry", "行业标准", "the industries"),
    ("param", "参数", "parameter"),
    ("window", "考核期", "window"),
    ("fact", "申报情况", "fact"),
    ("value", "缴费期间的数据项", "value of periods"),
    ("each", "逐行计算", "each"),
    ("portfolio", "全体单位的数值", "portfolio value"),
    ("measure", "指标", "measure"),
    ("gate", "不参加浮动的情形", "gate"),
    ("table", "档次表", "table"),
    ("overlay", "附加调整", "overlay"),
    ("veto", "不予下浮的情形", "veto"),
    ("class_rule", "分类别的规定", "class rule"),
    ("ladder", "费率档次", "the ladder"),
    ("outcome", "费率", "the outcome"),
    ("reduction", "阶段性降低费率", "reduction"),
    ("procedure", "办理程序", "procedure"),
    ("assert", "经证明的性质", "assertion"),
    ("clause", "条款", "clause"),
];

/// A section's place in reports.
pub(super) fn order(section: &str) -> usize {
    SECTIONS.iter().position(|s| s.0 == section).unwrap_or(SECTIONS.len())
}

impl Noun {
    /// A part of a section by its name, and by its title where it has one.
    pub fn new(section: &str, name: &str, title: Option<&Bilingual>) -> Self {
        let (zh, en) = SECTIONS.iter().find(|s| s.0 == section).map_or(("", ""), |s| (s.1, s.2));
        if name.is_empty() {
            return Self(both(zh, en));
        }
        Self(match title {
            Some(title) => {
                both(format!("{zh}“{}”（{name}）", title.zh), format!("{en} ‘{}’ ({name})", title.en))
            }
            None => both(format!("{zh} {name}"), format!("{en} {name}")),
        })
    }
}

/// A change as a sentence: of a field, or of the whole part.
pub(super) fn said(
    part: &Noun,
    what: Option<&Bilingual>,
    old: Option<&Bilingual>,
    new: Option<&Bilingual>,
) -> Bilingual {
    let part = &part.0;
    let subject = what.map_or_else(
        || part.clone(),
        |what| both(format!("{}的{}", part.zh, what.zh), format!("{}, {}", part.en, what.en)),
    );
    match (old, new) {
        (Some(old), Some(new)) => both(
            format!("{}由“{}”改为“{}”", subject.zh, old.zh, new.zh),
            format!("{}: ‘{}’ becomes ‘{}’", subject.en, old.en, new.en),
        ),
        (None, Some(new)) => {
            both(format!("新增{}：{}", subject.zh, new.zh), format!("{} is new: {}", subject.en, new.en))
        }
        (Some(old), None) => both(
            format!("删去{}（原为：{}）", subject.zh, old.zh),
            format!("{} is gone; it was: {}", subject.en, old.en),
        ),
        (None, None) => subject,
    }
}
