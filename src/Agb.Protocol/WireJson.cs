using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agb.Protocol;

/// <summary>The source-generated JSON of every message: camel case names, null members left out, unknown members ignored.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    Converters =
    [
        typeof(WireTextConverter), typeof(WireEnumConverter<AgbNetwork>), typeof(WireEnumConverter<AgbSessionStatus>), typeof(WireEnumConverter<AgbContextState>),
        typeof(WireEnumConverter<AgbVersionOrigin>), typeof(WireEnumConverter<AgbFileType>), typeof(WireEnumConverter<AgbOutputStream>),
        typeof(WireEnumConverter<AgbSyncTaskType>), typeof(WireEnumConverter<AgbSyncTaskStatus>), typeof(WireEnumConverter<AgbSyncAction>),
        typeof(WireEnumConverter<AgbCodeLanguage>), typeof(WireEnumConverter<AgbErrorKind>), typeof(WireEnumConverter<FileChangeKind>),
        typeof(WireEnumConverter<AgbLimitKind>), typeof(WireEnumConverter<AgbLimitMechanism>),
    ])]
[JsonSerializable(typeof(WireError))]
[JsonSerializable(typeof(CreateSessionBody))]
[JsonSerializable(typeof(SessionIdBody))]
[JsonSerializable(typeof(SessionData))]
[JsonSerializable(typeof(SessionStatusData))]
[JsonSerializable(typeof(IReadOnlyList<SessionSummary>))]
[JsonSerializable(typeof(LabelData))]
[JsonSerializable(typeof(UrlData))]
[JsonSerializable(typeof(BrowserInitData))]
[JsonSerializable(typeof(McpResourceData))]
[JsonSerializable(typeof(CallToolBody))]
[JsonSerializable(typeof(ToolResultData))]
[JsonSerializable(typeof(IReadOnlyList<ToolDescription>))]
[JsonSerializable(typeof(IReadOnlyList<ToolReference>))]
[JsonSerializable(typeof(LinkCallBody))]
[JsonSerializable(typeof(LinkCallReply))]
[JsonSerializable(typeof(ContextData))]
[JsonSerializable(typeof(IReadOnlyList<ContextData>))]
[JsonSerializable(typeof(ContextInfoData))]
[JsonSerializable(typeof(IReadOnlyList<ContextStatusGroup>))]
[JsonSerializable(typeof(IReadOnlyList<SyncTaskItem>))]
[JsonSerializable(typeof(FileUrlData))]
[JsonSerializable(typeof(IReadOnlyList<ContextFileEntry>))]
[JsonSerializable(typeof(IReadOnlyList<InternalContext>))]
[JsonSerializable(typeof(CodeFrame))]
[JsonSerializable(typeof(CodeToolArguments))]
[JsonSerializable(typeof(CodeToolResult))]
[JsonSerializable(typeof(ShellArguments))]
[JsonSerializable(typeof(ShellResult))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(IReadOnlyList<string>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(AgbInfo))]
[JsonSerializable(typeof(SessionDetail))]
[JsonSerializable(typeof(IReadOnlyList<AgbImage>))]
[JsonSerializable(typeof(AgbContext))]
[JsonSerializable(typeof(AgbContextVersion))]
[JsonSerializable(typeof(AgbContextFile))]
[JsonSerializable(typeof(ListSessionsBody))]
[JsonSerializable(typeof(WaitSessionBody))]
[JsonSerializable(typeof(ReleaseSessionBody))]
[JsonSerializable(typeof(SetLabelsBody))]
[JsonSerializable(typeof(SessionLinkBody))]
[JsonSerializable(typeof(EmptyBody))]
[JsonSerializable(typeof(CreateContextBody))]
[JsonSerializable(typeof(GetContextBody))]
[JsonSerializable(typeof(ContextIdBody))]
[JsonSerializable(typeof(RenameContextBody))]
[JsonSerializable(typeof(ClearContextBody))]
[JsonSerializable(typeof(RestoreContextBody))]
[JsonSerializable(typeof(ListContextFilesBody))]
[JsonSerializable(typeof(ContextFileBody))]
[JsonSerializable(typeof(FileChange))]
[JsonSerializable(typeof(RunCommandBody))]
[JsonSerializable(typeof(OutputLine))]
[JsonSerializable(typeof(CommandDetail))]
[JsonSerializable(typeof(RunCodeBody))]
[JsonSerializable(typeof(AgbCodeEvent))]
[JsonSerializable(typeof(CodeDetail))]
[JsonSerializable(typeof(StartSyncBody))]
[JsonSerializable(typeof(StartedSync))]
[JsonSerializable(typeof(CancelSyncBody))]
[JsonSerializable(typeof(CancelCallBody))]
[JsonSerializable(typeof(SyncStatusBody))]
[JsonSerializable(typeof(WaitSyncBody))]
[JsonSerializable(typeof(IReadOnlyList<AgbSyncStatus>))]
[JsonSerializable(typeof(IReadOnlyList<AgbSyncPlanItem>))]
[JsonSerializable(typeof(TerminalBody))]
[JsonSerializable(typeof(TerminalMessage))]
[JsonSerializable(typeof(CommandMessage))]
public sealed partial class WireJson : JsonSerializerContext;
