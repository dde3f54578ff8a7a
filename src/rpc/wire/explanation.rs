//! `Explanation`.

use crate::exchange::results::{Words, WordsParagraph};
use floatrate_proto::floatrate::v1;

pub(super) fn explanation(words: Words) -> v1::Explanation {
    let Words { language, paragraphs } = words;
    v1::Explanation {
        language: language.into_owned(),
        paragraphs: paragraphs.into_iter().map(paragraph).collect(),
    }
}

fn paragraph(paragraph: WordsParagraph) -> v1::Paragraph {
    let WordsParagraph { topic, text, cites } = paragraph;
    v1::Paragraph { topic: topic.into_owned(), text, cites }
}
