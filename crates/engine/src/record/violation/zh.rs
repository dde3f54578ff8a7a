//! The Chinese sentences.

use super::{Expected, Limit, Problem, Shape, Violation};
use crate::limits::{YEAR_MAX, YEAR_MIN};

pub(super) fn message(violation: &Violation) -> String {
    let field = violation.field.as_str();
    match &violation.problem {
        Problem::UnknownField { near: Some(near), .. } => format!("没有字段 {field}：是否应为 {near}？"),
        Problem::UnknownField { near: None, known } => {
            format!("没有字段 {field}：请删除，或改用以下字段之一：{}", known.join("、"))
        }
        Problem::DuplicateField {} => format!("{field} 重复出现：请只保留一个"),
        Problem::MissingField {} => format!("缺少必填字段 {field}：请补充"),
        Problem::WrongType { seen, expected } => format!("{seen} 的类型不对：应为{}", kind(*expected)),
        Problem::NotAWholeNumber { seen, expected } => format!("{seen} 不是整数：应为{}", kind(*expected)),
        Problem::InexactNumber { seen } => {
            format!("{seen} 是数字而非文本，可能被当作二进制浮点数：请写成文本，如 \"0.019\"")
        }
        Problem::Negative { seen } => format!("{seen} 为负数：应不小于 0"),
        Problem::TooSmall { seen, min } => format!("{seen} 过小：应不小于 {min}"),
        Problem::TooLarge { seen, limit: Limit::Max(max) } => format!("{seen} 过大：应不大于 {max}"),
        Problem::TooLarge { seen, limit: Limit::Below(below) } => format!("{seen} 过大：应小于 {below}"),
        Problem::TooManyDigits { seen, places: 0 } => format!("{seen} 带有小数：应为整数，如 \"2\""),
        Problem::TooManyDigits { seen, places } => {
            format!("{seen} 的小数位数过多：最多 {places} 位，请自行舍入")
        }
        Problem::NotADecimal { seen } => format!("{seen} 不是十进制数：应为{}", kind(Expected::Decimal)),
        Problem::NotADate { seen } => {
            format!("{seen} 不是有效日期：应写成 YYYY-MM-DD，如 \"2024-02-29\"")
        }
        Problem::DateOutOfRange { seen } => {
            format!("{seen} 超出范围：年份应在 {YEAR_MIN} 至 {YEAR_MAX} 之间")
        }
        Problem::UnknownValue { seen, near: Some(near), .. } => {
            format!("{seen} 不是允许的值：是否应为 \"{near}\"？")
        }
        Problem::UnknownValue { seen, near: None, known } => {
            format!("{seen} 不是允许的值：应为以下之一：{}", known.join("、"))
        }
        Problem::WrongForm { seen, shape } => format!("{seen} 格式不对：应为{}", form(*shape)),
        Problem::Empty {} => format!("{field} 为空：请填写，选填字段可省略"),
        Problem::TooLong { chars, max } => format!("文本有 {chars} 个字符，过长：最多 {max} 个"),
        Problem::ControlCharacter { character } => {
            format!("{field} 含有控制字符 U+{:04X}：请删除", u32::from(*character))
        }
        Problem::SurroundingSpace { seen } => format!("{seen} 首尾有空白：请删除"),
        Problem::EndBeforeStart { start, end } => format!("结束日 {end} 早于开始日 {start}：请更正其一"),
        Problem::FirstAfterInsuredSince { first_insured, insured_since } => {
            format!("首次参保日 {first_insured} 晚于本次参保日（insured_since）{insured_since}：请更正其一")
        }
        Problem::OverlappingPeriods { row, from, to } => {
            format!("{from} 至 {to} 与 periods[{row}] 重叠：同一类别的期间不得有重叠的日子，请删除或缩短其一")
        }
        Problem::OverlappingSpans { row } => {
            format!("该时段与同一事实的第 [{row}] 行重叠：请删除或缩短其一")
        }
        Problem::TooManyMonths { months, max } => {
            format!("参保 {months} 个月，多于该期间的 {max} 个日历月：应不大于 {max}")
        }
        Problem::UnknownFact { near: Some(near) } => {
            format!("已载入的办法均未声明 {field}：是否应为 {near}？")
        }
        Problem::UnknownFact { near: None } => {
            format!("已载入的办法均未声明 {field}：请删除，或载入声明它的办法")
        }
        Problem::TooManyRows { rows, max } => format!("共 {rows} 行，过多：最多 {max} 行"),
        Problem::TooManyViolations { max } => {
            format!("错误达到 {max} 处或更多：请先更正已列出的，其余将随后列出")
        }
    }
}

const fn kind(expected: Expected) -> &'static str {
    match expected {
        Expected::Text => "文本，请加引号，如 \"510400\"",
        Expected::Amount => "以最小货币单位（分）计的整数，如 123400，而非 1234.00",
        Expected::WholeNumber => "不带引号的整数，如 12",
        Expected::Decimal => "文本形式的十进制数，如 \"0.019\"",
        Expected::Date => "文本形式的日期 YYYY-MM-DD，如 \"2024-02-29\"",
        Expected::Boolean => " true 或 false",
        Expected::List => "列表，写成 [ ... ]",
        Expected::Map => "一组命名字段，写成 { ... }",
    }
}

const fn form(shape: Shape) -> &'static str {
    match shape {
        Shape::Region => "六位数字的行政区划代码（GB/T 2260），如 \"510400\"",
        Shape::Standard => "标准版本，1 至 16 个 a-z、0-9、_、- 字符，如 \"2017\" 或 \"jp\"",
        Shape::IndustryGb => "国民经济行业分类（GB/T 4754）的二至四位数字代码，如 \"06\"",
        Shape::IndustryOther => "行业代码，1 至 64 个 a-z、0-9、_ 字符，如 \"buildings\"",
    }
}
