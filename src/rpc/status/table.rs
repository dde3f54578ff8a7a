//! The published table of errors; `docs/errors.md` shows it, held equal by a test.

use floatrate_proto::floatrate::v1::ErrorReason;
use tonic::Code;

/// What holds for every error of one reason.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The reason.
    pub reason: ErrorReason,
    /// The code of the status.
    pub code: Code,
    /// The English message; names in braces stand for the metadata's values.
    pub en: &'static str,
    /// The Chinese message, in `LocalizedMessage`.
    pub zh: &'static str,
    /// When it is given, and what to do.
    pub when: &'static str,
    /// Whether a `BadRequest` names the fields.
    pub names_fields: bool,
    /// Whether a `RetryInfo` says when to try again.
    pub retry: bool,
}

impl Row {
    /// The row of a reason.
    ///
    /// # Panics
    ///
    /// For the reason that is not said, which is never sent. Every other has a row, by a test.
    #[must_use]
    pub fn of(reason: ErrorReason) -> &'static Self {
        TABLE.iter().find(|row| row.reason == reason).expect("every reason has a row")
    }

    /// The reason as `ErrorInfo` says it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        let name = self.reason.as_str_name();
        name.strip_prefix("ERROR_REASON_").unwrap_or(name)
    }

    /// The keys of the metadata, in the order of the English message.
    pub fn keys(&self) -> impl Iterator<Item = &'static str> {
        keys(self.en)
    }
}

/// The names in braces of a message.
pub(super) fn keys(message: &'static str) -> impl Iterator<Item = &'static str> {
    message.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(key, _)| key)
}

const fn row(reason: ErrorReason, code: Code, en: &'static str, zh: &'static str, when: &'static str) -> Row {
    Row { reason, code, en, zh, when, names_fields: false, retry: false }
}

impl Row {
    const fn names_fields(self) -> Self {
        Self { names_fields: true, ..self }
    }

    const fn retry(self) -> Self {
        Self { retry: true, ..self }
    }
}

/// Every reason, in the order of the proto file.
pub const TABLE: &[Row] = &[
    row(
        ErrorReason::InvalidRecord,
        Code::InvalidArgument,
        "the record is refused; violations: {violations}",
        "记录不符合要求，共 {violations} 处",
        "A record has violations. Mend all that are listed and send it again.",
    )
    .names_fields(),
    row(
        ErrorReason::InvalidRequest,
        Code::InvalidArgument,
        "the request is refused; violations: {violations}",
        "请求不符合要求，共 {violations} 处",
        "A field of the request beside the record is missing or malformed.",
    )
    .names_fields(),
    row(
        ErrorReason::BatchTooLarge,
        Code::InvalidArgument,
        "{records} records are too many for one batch: send {limit} at most, or use the stream",
        "单批 {records} 条记录过多：每批最多 {limit} 条，或改用流式接口",
        "A batch holds more than 1,000 records, or more than 100 with explanations.",
    )
    .names_fields(),
    row(
        ErrorReason::StreamOrder,
        Code::InvalidArgument,
        "the first message of a stream is its header, and every later one an item",
        "流的第一条消息须为表头，其后各条均须为记录",
        "A stream begins with an item, holds a second header, or a message with neither.",
    )
    .names_fields(),
    row(
        ErrorReason::MalformedMessage,
        Code::InvalidArgument,
        "the message cannot be read: its bytes are not those of its protobuf type",
        "消息无法解析：其内容不符合 protobuf 类型定义",
        "The bytes are cut off or not of the method's request type, or a text is not UTF-8.",
    ),
    row(
        ErrorReason::PlanNotFound,
        Code::NotFound,
        "there is no plan {plan}",
        "没有费率办法 {plan}",
        "No plan of that id is loaded. ListPlans lists the ids.",
    ),
    row(
        ErrorReason::NotARatingDate,
        Code::InvalidArgument,
        "{plan} does not rate on {rating_date}; it rates on {rating_dates}",
        "办法 {plan} 不在 {rating_date} 核定费率；其生效日为 {rating_dates}",
        "The date is not one of the plan's rating dates.",
    )
    .names_fields(),
    row(
        ErrorReason::PlanRatesNobody,
        Code::FailedPrecondition,
        "{plan} rates nobody by itself: use a plan that extends it",
        "办法 {plan} 仅供其他办法引用，本身不核定费率：请使用引用它的办法",
        "The plan only serves to be extended.",
    ),
    row(
        ErrorReason::PlanNamesFiles,
        Code::InvalidArgument,
        "a plan sent over the wire may not name files, and this one names {file}: write the table into the plan",
        "通过接口提交的办法不得引用文件，而其中引用了 {file}：请将表格写入办法正文",
        "The text given to CheckPlan names a file.",
    )
    .names_fields(),
    row(
        ErrorReason::Unauthenticated,
        Code::Unauthenticated,
        "the call carries no identity that can be verified",
        "调用未携带可验证的身份",
        "No client certificate or token, or one that has expired or is not trusted.",
    ),
    row(
        ErrorReason::PermissionDenied,
        Code::PermissionDenied,
        "the caller may not do this",
        "调用方无权执行此操作",
        "The caller's role or region does not allow the call. It is not told whether what it asked for exists.",
    ),
    row(
        ErrorReason::MessageTooLarge,
        Code::ResourceExhausted,
        "a message of the call exceeds the limit of {limit_bytes} bytes",
        "调用中的消息超过上限 {limit_bytes} 字节",
        "The request, or the answer to it, is too large. Do not send it again as it is: make the batch smaller.",
    ),
    row(
        ErrorReason::Overloaded,
        Code::ResourceExhausted,
        "too much work is in flight: try again in {retry_ms} ms",
        "当前处理量已满：请在 {retry_ms} 毫秒后重试",
        "The server refuses work early rather than being late with all of it.",
    )
    .retry(),
    row(
        ErrorReason::DeadlineExceeded,
        Code::DeadlineExceeded,
        "the time for the call is up, and work on it has stopped",
        "调用时限已到，处理已停止",
        "The deadline of the call has passed.",
    ),
    row(
        ErrorReason::Cancelled,
        Code::Cancelled,
        "the caller gave up, and work on the call has stopped",
        "调用方已取消，处理已停止",
        "The client cancelled the call or went away.",
    ),
    row(
        ErrorReason::Draining,
        Code::Unavailable,
        "the server is shutting down: try again in {retry_ms} ms",
        "服务正在停止：请在 {retry_ms} 毫秒后重试",
        "The server was told to stop. Calls that had begun go on; this one has to go to another server, or to the next.",
    )
    .retry(),
    row(
        ErrorReason::UnknownMethod,
        Code::Unimplemented,
        "there is no such service, method or encoding here",
        "本服务没有所请求的服务、方法或编码",
        "Client and server are of different versions, or the client compresses in a way that is not supported.",
    ),
    row(
        ErrorReason::Internal,
        Code::Internal,
        "something went wrong inside; the server's log has the cause under request id {request_id}",
        "内部错误；原因见服务端日志，请求编号 {request_id}",
        "A defect of floatrate. Report it with the request id.",
    ),
    row(
        ErrorReason::PortfolioMissing,
        Code::FailedPrecondition,
        "{plan} reads values over all employers that the request does not give: {values}",
        "办法 {plan} 使用全体单位的数值，请求未给出：{values}",
        "Give every value under `portfolio`: those of the last cycle, or what `floatrate rate` printed.",
    ),
    row(
        ErrorReason::NotFound,
        Code::NotFound,
        "there is no {kind} {id}",
        "没有 {kind} {id}",
        "Nothing of that id is kept, or the caller's regions do not include it.",
    ),
    row(
        ErrorReason::RateUnpublished,
        Code::FailedPrecondition,
        "no published rate of {employer} holds on {date}; one ended on {ended_on}, one begins on {begins_on}",
        "单位 {employer} 在 {date} 没有已公布的有效费率；此前费率终止于 {ended_on}，其后费率始于 {begins_on}",
        "The employer is known, but nothing published holds on that day, as far as was known at the instant asked for. `-` stands for none.",
    ),
    row(
        ErrorReason::ReviewPending,
        Code::FailedPrecondition,
        "the result needs a person's decision and cannot be published: {reasons}",
        "核定结果须经人工复核，不能公布：{reasons}",
        "The result's status is `review`. Import a record that answers the reasons, and create the determination again.",
    ),
    row(
        ErrorReason::PlanNotEnacted,
        Code::FailedPrecondition,
        "{plan} is {plan_status}: say in accept_illustrative why its result is published all the same",
        "办法 {plan} 的状态为 {plan_status}：如仍要公布其结果，请在 accept_illustrative 中说明理由",
        "Only an enacted plan's results are published without a reason, which is kept and shown.",
    ),
    row(
        ErrorReason::StaleEtag,
        Code::Aborted,
        "{kind} {id} has changed since: read it again",
        "{kind} {id} 已被更改：请重新读取",
        "The etag is not the present one, or another writer was faster.",
    ),
    row(
        ErrorReason::RequestIdReused,
        Code::InvalidArgument,
        "request_id {request_id} was used for another request",
        "request_id {request_id} 已用于另一请求",
        "A request id stands for one request. Make a new one for another.",
    )
    .names_fields(),
    row(
        ErrorReason::WrongState,
        Code::FailedPrecondition,
        "{kind} {id} is {state}; this needs {needed}",
        "{kind} {id} 的状态为 {state}；此操作要求 {needed}",
        "What the request names is in another state.",
    ),
    row(
        ErrorReason::ObjectionLate,
        Code::FailedPrecondition,
        "the time for objections ended on {file_by}; say in accept_late why it is taken",
        "异议期限已于 {file_by} 届满；如仍受理，请在 accept_late 中说明理由",
        "The plan states a time for objections, counted in working days from the notice.",
    ),
    row(
        ErrorReason::RecordsNotMerged,
        Code::FailedPrecondition,
        "the records cannot be put together: {why}",
        "记录无法合并：{why}",
        "Import the successor's record as it should be, or choose another policy.",
    ),
    row(
        ErrorReason::DatabaseUnavailable,
        Code::Unavailable,
        "the database does not answer: try again in {retry_ms} ms",
        "数据库无响应：请在 {retry_ms} 毫秒后重试",
        "The database is down, full, or too slow. Nothing was changed, or all of it: send the same request id again.",
    )
    .retry(),
    row(
        ErrorReason::NoPlanForRegion,
        Code::FailedPrecondition,
        "no enacted plan rates {region} on {rating_date}: name a plan",
        "统筹地区 {region} 在 {rating_date} 没有施行的费率办法：请指明办法编号",
        "The record's region has no enacted plan on that date, or the record has no region.",
    ),
    row(
        ErrorReason::AlreadyRunning,
        Code::Aborted,
        "cycle {cycle} is run by {runner}, who holds it until {until}",
        "{cycle} 正由 {runner} 运行，占用至 {until}",
        "One run at a time. If its process is gone, the lease ends by itself; run the cycle again then.",
    ),
    row(
        ErrorReason::RunStopped,
        Code::Aborted,
        "the run of cycle {cycle} was stopped; run it again to go on",
        "{cycle} 的运行已中止；再次运行即从中止处继续",
        "The server drains, or somebody stopped the run. What was done stays done.",
    ),
    row(
        ErrorReason::SamePerson,
        Code::PermissionDenied,
        "{id} needs a second person: {first} was the first",
        "{id} 须由另一人办理：第一人为 {first}",
        "Whoever created a cycle does not approve it, and whoever proposed a step by hand does not agree to it.",
    ),
    row(
        ErrorReason::NotVerified,
        Code::PermissionDenied,
        "cycle {cycle} is of {plan}, which is law: a name that nobody vouches for cannot approve it",
        "{cycle} 依据已施行的办法 {plan}：自报姓名者不能批准",
        "Approve with a client certificate or a token, at a server with TLS.",
    ),
    row(
        ErrorReason::OpenReviewItems,
        Code::FailedPrecondition,
        "cycle {cycle} has {open} open review items",
        "{cycle} 尚有 {open} 个待复核单位",
        "Resolve every item first: supply the record, set the step by hand, or leave the employer out.",
    ),
    row(
        ErrorReason::NoEmployers,
        Code::FailedPrecondition,
        "no employer is kept of region {region}",
        "没有统筹地区 {region} 的单位记录",
        "Import the records of the region first.",
    ),
    row(
        ErrorReason::NothingToPublish,
        Code::FailedPrecondition,
        "every employer of cycle {cycle} is left out: there is nothing to publish",
        "{cycle} 的全部单位均被列为不核定：无可公布",
        "Cancel the cycle instead.",
    ),
];
