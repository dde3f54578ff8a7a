//! Tokens to a tree: the grammar of `docs/plan-language.md`, by recursive descent.

use super::lexer::{Place, Token, tokens};
use super::{Aggregate, Expr, ExprKind, Interval, Name, Op, Set};
use crate::diagnostic::{Diagnostic, Span};
use crate::limits::{FORMULA_DEPTH_MAX, FORMULA_TOKENS_MAX};

type Parsed<T> = Result<T, Diagnostic>;

/// Words of the grammar, which cannot be names.
pub const RESERVED: [&str; 11] =
    ["if", "then", "else", "and", "or", "not", "in", "where", "true", "false", "otherwise"];

/// Reads a formula. `start` is the byte of its first character in the file, where that is known.
pub fn parse(text: &str, whole: Span, start: Option<u32>) -> Parsed<Expr> {
    let mut parser = Parser::new(text, whole, start)?;
    let expr = parser.formula()?;
    parser.end()?;
    Ok(expr)
}

/// Reads a cell of a table: `-`, or values, comparisons and intervals separated by commas. An empty list is any value.
pub fn parse_cell(text: &str, whole: Span, start: Option<u32>) -> Parsed<Vec<Interval>> {
    let mut parser = Parser::new(text, whole, start)?;
    if parser.peek() == &Token::Sign("-") && matches!(parser.tokens.get(1), Some((Token::End, _))) {
        return Ok(Vec::new());
    }
    let mut out = vec![parser.cell()?];
    while parser.eat(",") {
        out.push(parser.cell()?);
    }
    if parser.peek() != &Token::End {
        return parser.expected("`,` or the end; a range is written `[0..1]`");
    }
    Ok(out)
}

struct Parser {
    tokens: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn new(text: &str, whole: Span, start: Option<u32>) -> Parsed<Self> {
        let tokens = tokens(text, Place { file: whole.file, start, whole })?;
        // A chain of operators is a deep tree too, and what walks it must not run out of stack.
        if let Some((_, span)) = tokens.get(FORMULA_TOKENS_MAX) {
            let message = format!("the formula has more than {FORMULA_TOKENS_MAX} names, numbers and signs");
            return Err(Diagnostic::at("limit", *span, message, "too long here")
                .help("name a part of it as a measure of its own"));
        }
        Ok(Self { tokens, at: 0, depth: 0 })
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn span(&self) -> Span {
        self.tokens[self.at].1
    }

    fn next(&mut self) -> (Token, Span) {
        let token = self.tokens[self.at].clone();
        if self.at + 1 < self.tokens.len() {
            self.at += 1;
        }
        token
    }

    fn eat(&mut self, sign: &str) -> bool {
        let hit = matches!(self.peek(), Token::Sign(s) if *s == sign);
        if hit {
            self.next();
        }
        hit
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let hit = matches!(self.peek(), Token::Word(w) if w == word);
        if hit {
            self.next();
        }
        hit
    }

    fn expected<T>(&self, what: &str) -> Parsed<T> {
        Err(Diagnostic::at(
            "formula",
            self.span(),
            format!("the formula cannot be read: found {}", self.peek().shown()),
            format!("expected {what}"),
        ))
    }

    fn need(&mut self, sign: &str) -> Parsed<()> {
        if self.eat(sign) { Ok(()) } else { self.expected(&format!("`{sign}`")) }
    }

    fn need_word(&mut self, word: &str) -> Parsed<()> {
        if self.eat_word(word) { Ok(()) } else { self.expected(&format!("`{word}`")) }
    }

    fn end(&self) -> Parsed<()> {
        if self.peek() == &Token::End {
            Ok(())
        } else {
            self.expected("an operator or the end of the formula")
        }
    }

    fn name(&mut self, what: &str) -> Parsed<Name> {
        match self.peek() {
            Token::Word(word) if !RESERVED.contains(&word.as_str()) => {
                let (text, span) = (word.clone(), self.span());
                self.next();
                Ok(Name { text, span })
            }
            _ => self.expected(what),
        }
    }

    fn formula(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > FORMULA_DEPTH_MAX {
            return Err(Diagnostic::at(
                "limit",
                self.span(),
                format!("the formula nests deeper than {FORMULA_DEPTH_MAX}"),
                "too deep here",
            )
            .help("name a part of it as a measure of its own"));
        }
        let start = self.span();
        let expr = if self.eat_word("if") {
            let condition = self.formula()?;
            self.need_word("then")?;
            let yes = self.formula()?;
            self.need_word("else")?;
            let no = self.formula()?;
            let span = start.to(no.span);
            Expr { kind: ExprKind::If(Box::new(condition), Box::new(yes), Box::new(no)), span }
        } else {
            self.binary(0)?
        };
        self.depth -= 1;
        Ok(expr)
    }

    /// Levels: 0 `or`, 1 `and`, 2 `not` and comparison, 3 sum, 4 product.
    fn binary(&mut self, level: usize) -> Parsed<Expr> {
        match level {
            2 => return self.negation(),
            5 => return self.unary(),
            _ => {}
        }
        let mut left = self.binary(level + 1)?;
        loop {
            let op = match (level, self.peek()) {
                (0, Token::Word(w)) if w == "or" => Op::Or,
                (1, Token::Word(w)) if w == "and" => Op::And,
                (3, Token::Sign("+")) => Op::Add,
                (3, Token::Sign("-")) => Op::Subtract,
                (4, Token::Sign("*")) => Op::Multiply,
                (4, Token::Sign("/")) => Op::Divide,
                _ => return Ok(left),
            };
            self.next();
            let right = self.binary(level + 1)?;
            let span = left.span.to(right.span);
            left = Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span };
        }
    }

    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        self.depth += 1;
        if self.depth > FORMULA_DEPTH_MAX {
            let message = format!("the formula nests deeper than {FORMULA_DEPTH_MAX}");
            return Err(Diagnostic::at("limit", self.span(), message, "too deep here")
                .help("name a part of it as a measure of its own"));
        }
        let out = inner(self);
        self.depth -= 1;
        out
    }

    fn negation(&mut self) -> Parsed<Expr> {
        let start = self.span();
        if self.eat_word("not") {
            let inner = self.deeper(Self::negation)?;
            let span = start.to(inner.span);
            return Ok(Expr { kind: ExprKind::Not(Box::new(inner)), span });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let left = self.binary(3)?;
        if let Some(op) = self.comparison_sign() {
            self.next();
            let right = self.binary(3)?;
            let span = left.span.to(right.span);
            if self.comparison_sign().is_some() {
                return self.expected("`and`: comparisons do not chain, write `a < b and b < c`");
            }
            return Ok(Expr { kind: ExprKind::Binary(op, Box::new(left), Box::new(right)), span });
        }
        let negated = matches!(self.peek(), Token::Word(w) if w == "not")
            && matches!(self.tokens.get(self.at + 1), Some((Token::Word(w), _)) if w == "in");
        if negated {
            self.next();
        }
        if !self.eat_word("in") {
            return Ok(left);
        }
        let start = self.span();
        let set = self.set()?;
        let span = left.span.to(self.tokens[self.at.saturating_sub(1)].1).to(start);
        Ok(Expr { kind: ExprKind::In { item: Box::new(left), negated, set }, span })
    }

    fn comparison_sign(&self) -> Option<Op> {
        Some(match self.peek() {
            Token::Sign("=") => Op::Equal,
            Token::Sign("!=") => Op::NotEqual,
            Token::Sign("<") => Op::Less,
            Token::Sign("<=") => Op::LessEqual,
            Token::Sign(">") => Op::Greater,
            Token::Sign(">=") => Op::GreaterEqual,
            _ => return None,
        })
    }

    fn set(&mut self) -> Parsed<Set> {
        if matches!(self.peek(), Token::Word(_)) {
            return Ok(Set::Name(self.name("a parameter, an interval or a list")?));
        }
        let (open, span) = self.next();
        let closed = match open {
            Token::Sign("[") => true,
            Token::Sign("(") => false,
            _ => {
                self.at -= 1;
                return self.expected("a parameter, an interval `(0..1]` or a list `(a, b)`");
            }
        };
        let first = self.literal()?;
        if self.eat("..") {
            return Ok(Set::Interval(Box::new(self.interval_rest(first, closed)?)));
        }
        if closed {
            return Err(Diagnostic::at(
                "formula",
                span,
                "a list is written in round brackets",
                "expected `(`",
            ));
        }
        let mut items = vec![first];
        while self.eat(",") {
            items.push(self.literal()?);
        }
        self.need(")")?;
        Ok(Set::List(items))
    }

    fn interval_rest(&mut self, low: Expr, closed: bool) -> Parsed<Interval> {
        let high = self.literal()?;
        let high_closed = match self.peek() {
            Token::Sign("]") => true,
            Token::Sign(")") => false,
            _ => return self.expected("`]` (included) or `)` (not included)"),
        };
        self.next();
        Ok(Interval { low: Some((low, closed)), high: Some((high, high_closed)) })
    }

    fn cell(&mut self) -> Parsed<Interval> {
        if let Some(op) = self.comparison_sign() {
            if op == Op::NotEqual {
                return self.expected("a value, `<`, `<=`, `>`, `>=` or an interval");
            }
            self.next();
            let value = self.literal()?;
            return Ok(match op {
                Op::Less => Interval { low: None, high: Some((value, false)) },
                Op::LessEqual => Interval { low: None, high: Some((value, true)) },
                Op::Greater => Interval { low: Some((value, false)), high: None },
                Op::GreaterEqual => Interval { low: Some((value, true)), high: None },
                _ => Interval { low: Some((value.clone(), true)), high: Some((value, true)) },
            });
        }
        let closed = matches!(self.peek(), Token::Sign("["));
        if closed || matches!(self.peek(), Token::Sign("(")) {
            self.next();
            let low = self.literal()?;
            self.need("..")?;
            return self.interval_rest(low, closed);
        }
        let value = self.literal()?;
        Ok(Interval { low: Some((value.clone(), true)), high: Some((value, true)) })
    }

    /// A value that stands in a list, an interval or a cell: nothing is computed there, so `0-1` is no range by mistake.
    fn literal(&mut self) -> Parsed<Expr> {
        let start = self.span();
        let negative = self.eat("-");
        if !matches!(self.peek(), Token::Number(_) | Token::Date(_) | Token::Word(_)) {
            return self.expected("a number, a day or a name");
        }
        let value = self.primary()?;
        if !matches!(
            value.kind,
            ExprKind::Number(..) | ExprKind::Date(_) | ExprKind::Bool(_) | ExprKind::Name(_)
        ) {
            let message = "nothing is computed in a list, an interval or a cell";
            return Err(Diagnostic::at("formula", value.span, message, "expected a number, a day or a name")
                .help("name it as a measure or a parameter"));
        }
        if !negative {
            return Ok(value);
        }
        let span = start.to(value.span);
        Ok(Expr { kind: ExprKind::Negate(Box::new(value)), span })
    }

    fn unary(&mut self) -> Parsed<Expr> {
        let start = self.span();
        if self.eat("-") {
            let inner = self.deeper(Self::unary)?;
            let span = start.to(inner.span);
            return Ok(Expr { kind: ExprKind::Negate(Box::new(inner)), span });
        }
        self.primary()
    }

    fn primary(&mut self) -> Parsed<Expr> {
        let (token, span) = (self.peek().clone(), self.span());
        let kind = match token {
            Token::Number(value) => {
                self.next();
                let currency = match self.peek() {
                    Token::Word(w) if w.len() == 3 && w.bytes().all(|b| b.is_ascii_uppercase()) => {
                        Some(self.name("a currency")?)
                    }
                    _ => None,
                };
                let end = currency.as_ref().map_or(span, |c| c.span);
                return Ok(Expr { kind: ExprKind::Number(value, currency), span: span.to(end) });
            }
            Token::Date(date) => {
                self.next();
                ExprKind::Date(date)
            }
            Token::Sign("(") => {
                self.next();
                let inner = self.formula()?;
                self.need(")")?;
                return Ok(inner);
            }
            Token::Word(word) if word == "true" || word == "false" => {
                self.next();
                ExprKind::Bool(word == "true")
            }
            Token::Word(_) => return self.named(),
            _ => return self.expected("a name, a number or `(`"),
        };
        Ok(Expr { kind, span })
    }

    fn named(&mut self) -> Parsed<Expr> {
        let name = self.name("a name or a number")?;
        let start = name.span;
        if self.eat("[") {
            let key = self.formula()?;
            let end = self.span();
            self.need("]")?;
            return Ok(Expr { kind: ExprKind::Index(name, Box::new(key)), span: start.to(end) });
        }
        if self.eat(".") {
            let part = self.name("a name after the point")?;
            let span = start.to(part.span);
            return Ok(Expr { kind: ExprKind::Name(format!("{}.{}", name.text, part.text)), span });
        }
        if !self.eat("(") {
            return Ok(Expr { span: start, kind: ExprKind::Name(name.text) });
        }
        let kind = if self.is_rows_or_quantified(&name.text) {
            self.over(name)?
        } else {
            let mut arguments = vec![self.formula()?];
            while self.eat(",") {
                arguments.push(self.formula()?);
            }
            ExprKind::Call(name, arguments)
        };
        let end = self.span();
        self.need(")")?;
        Ok(Expr { kind, span: start.to(end) })
    }

    /// After `f(`: `rows in`, `rows.column in` or `variable in`, as against the arguments of a function.
    fn is_rows_or_quantified(&self, function: &str) -> bool {
        matches!(function, "sum" | "average" | "count" | "any" | "all")
            && matches!(self.tokens.get(self.at), Some((Token::Word(_), _)))
    }

    fn over(&mut self, function: Name) -> Parsed<ExprKind> {
        let first = self.name("`claims`, `periods` or a name for each window")?;
        let column = if self.eat(".") { Some(self.name("a column")?) } else { None };
        if function.text != "all" && matches!(self.peek(), Token::Sign(")")) {
            return Ok(ExprKind::Aggregate(Box::new(Aggregate {
                function,
                rows: first,
                column,
                window: None,
                filter: None,
            })));
        }
        self.need_word("in")?;
        let window = self.name("a window")?;
        if self.eat(":") {
            let all = match function.text.as_str() {
                "all" => true,
                "any" => false,
                _ => {
                    return Err(Diagnostic::at(
                        "formula",
                        function.span,
                        format!("`{}` does not take each window in turn", function.text),
                        "expected `all` or `any`",
                    ));
                }
            };
            let body = Box::new(self.formula()?);
            return Ok(ExprKind::Quantified { all, variable: first, window, body });
        }
        let filter = if self.eat_word("where") { Some(self.formula()?) } else { None };
        Ok(ExprKind::Aggregate(Box::new(Aggregate {
            function,
            rows: first,
            column,
            window: Some(window),
            filter,
        })))
    }
}
