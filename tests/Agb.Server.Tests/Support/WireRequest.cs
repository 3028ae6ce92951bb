using Agb.Protocol;
using Agb.Server;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Agb.Server.Tests.Support;

/// <summary>A request that is in order, with SESSION and CONTEXT for the ids of a session and a context.</summary>
/// <param name="Route">The endpoint.</param>
/// <param name="Query">The query without its question mark.</param>
/// <param name="Body">The body.</param>
internal sealed record WireRequest(string Route, string Query = "", string? Body = null)
{
    private const string SessionBody = """{"sessionId":"SESSION"}""";
    private const string ContextBody = """{"contextId":"CONTEXT"}""";
    private const string FileBody = """{"contextId":"CONTEXT","path":"/a","version":1,"offset":0}""";

    /// <summary>At least one for each endpoint that asks for an API key; a test makes sure of that.</summary>
    internal static IReadOnlyList<WireRequest> All { get; } =
    [
        new(AgbRoutes.CreateSession, "imageId=agb-code-space-1", """
            {"labels":"{\"a\":\"b\"}","timeout":60,"persistenceDataList":[{"contextId":"CONTEXT","path":"/home/data","policy":"{\"uploadPolicy\":{\"autoUpload\":true}}"}],"agb":{"network":"None","idleTimeout":"00:10:00","maxLifetime":"01:00:00","noWait":true,"limits":{"cpus":1,"processes":50}}}
            """),
        new(AgbRoutes.ReleaseSession, Body: SessionBody),
        new(AgbRoutes.ReleaseSessionAsync, Body: SessionBody),
        new(AgbRoutes.GetSession, Body: SessionBody),
        new(AgbRoutes.GetSessionInfo, Body: SessionBody),
        new(AgbRoutes.ListSession, "labels=%7B%22a%22%3A%22b%22%7D&maxResults=5&nextToken="),
        new(AgbRoutes.RefreshSessionIdleTime, "sessionId=SESSION"),
        new(AgbRoutes.SetLabel, "sessionId=SESSION&Labels=%7B%22a%22%3A%22b%22%7D"),
        new(AgbRoutes.GetLabel, "sessionId=SESSION"),
        new(AgbRoutes.GetLink, "sessionId=SESSION&port=30100&protocolType=https"),
        new(AgbRoutes.GetLinkAsync, "sessionId=SESSION&port=30199"),
        new(AgbRoutes.GetCdpLink, "sessionId=SESSION"),
        new(AgbRoutes.BrowserInit, "sessionId=SESSION&persistentPath=/tmp/agb_browser_data&browserOption=%7B%22useStealth%22%3Atrue%2C%22viewport%22%3A%7B%22width%22%3A800%2C%22height%22%3A600%7D%7D"),
        new(AgbRoutes.CallTool, "autoGenSession=false", """{"sessionId":"SESSION","name":"echo","args":"{\"text\":\"a\"}"}"""),
        new(AgbRoutes.CallTool, "", """{"sessionId":"SESSION","name":"no_such_tool","args":"{}"}"""),
        new(AgbRoutes.ListTools, "imageId=agb-code-space-1"),
        new(AgbRoutes.GetMcpResource, Body: SessionBody),
        new("/agb/session", "resourceId=SESSION"),
        new(AgbRoutes.ListContexts, "maxResults=5&nextToken="),
        new(AgbRoutes.GetContext, "id=CONTEXT"),
        new(AgbRoutes.GetContext, "name=CONTEXT&allowCreate=false"),
        new(AgbRoutes.ModifyContext, "id=CONTEXT&name=other"),
        new(AgbRoutes.DeleteContext, "id=CONTEXT"),
        new(AgbRoutes.ClearContext, "id=CONTEXT"),
        new(AgbRoutes.SyncContext, "sessionId=SESSION&contextId=CONTEXT&path=/home/data&mode=upload"),
        new(AgbRoutes.SyncContext, "sessionId=SESSION&contextId=SdkCtx-transfer-SESSION&path=/tmp/file_transfer&mode=download"),
        new(AgbRoutes.GetContextInfo, "sessionId=SESSION&contextId=CONTEXT&path=/home/data&taskType=upload"),
        new(AgbRoutes.GetContextInfo, "sessionId=SESSION&contextId=SdkCtx-transfer-SESSION"),
        new(AgbRoutes.GetContextFileDownloadUrl, "contextId=CONTEXT&filePath=/a"),
        new(AgbRoutes.GetContextFileDownloadUrl, "contextId=SdkCtx-transfer-SESSION&filePath=/a"),
        new(AgbRoutes.GetContextFileUploadUrl, "contextId=CONTEXT&filePath=/a"),
        new(AgbRoutes.GetContextFileUploadUrl, "contextId=SdkCtx-transfer-SESSION&filePath=/a"),
        new(AgbRoutes.DeleteContextFile, "contextId=CONTEXT&filePath=/a"),
        new(AgbRoutes.DeleteContextFile, "contextId=SdkCtx-transfer-SESSION&filePath=/a"),
        new(AgbRoutes.DescribeContextFiles, "contextId=CONTEXT&parentFolderPath=/&pageNumber=1&pageSize=5"),
        new(AgbRoutes.DescribeContextFiles, "contextId=SdkCtx-transfer-SESSION&parentFolderPath=/"),
        new(AgbRoutes.GetAndLoadInternalContext, "sessionId=SESSION&contextTypes=%5B%22file_transfer%22%5D"),
        new(AgbServerRoutes.Info),
        new(AgbServerRoutes.GetSession, Body: SessionBody),
        new(AgbServerRoutes.ListSessions, Body: """{"labels":{"a":"b"}}"""),
        new(AgbServerRoutes.WaitSession, Body: """{"sessionId":"SESSION","timeout":"00:00:01"}"""),
        new(AgbServerRoutes.ReleaseSession, Body: """{"sessionId":"SESSION","syncContext":false,"discardChanges":true}"""),
        new(AgbServerRoutes.SetLabels, Body: """{"sessionId":"SESSION","labels":{"a":"b"}}"""),
        new(AgbServerRoutes.KeepSessionAlive, Body: SessionBody),
        new(AgbServerRoutes.SuspendSession, Body: SessionBody),
        new(AgbServerRoutes.ForkSession, Body: """{"sessionId":"SESSION","count":2}"""),
        new(AgbServerRoutes.ResumeSession, Body: SessionBody),
        new(AgbRoutes.PauseSession, Body: SessionBody),
        new(AgbRoutes.ResumeSession, Body: SessionBody),
        new(AgbServerRoutes.GetSessionLink, Body: """{"sessionId":"SESSION","port":8080,"scheme":"http"}"""),
        new(AgbServerRoutes.GetDesktopView, Body: """{"sessionId":"SESSION","viewOnly":true}"""),
        new(AgbServerRoutes.ListImages, Body: "{}"),
        new(AgbServerRoutes.ListContexts, Body: "{}"),
        new(AgbServerRoutes.CreateContext, Body: """{"name":"new","getExisting":true}"""),
        new(AgbServerRoutes.GetContext, Body: """{"idOrName":"CONTEXT"}"""),
        new(AgbServerRoutes.RenameContext, Body: """{"contextId":"CONTEXT","newName":"other"}"""),
        new(AgbServerRoutes.ClearContext, Body: """{"contextId":"CONTEXT","noWait":true}"""),
        new(AgbServerRoutes.RemoveContext, Body: ContextBody),
        new(AgbServerRoutes.GetContextPaths, Body: ContextBody),
        new(AgbServerRoutes.ListVersions, Body: ContextBody),
        new(AgbServerRoutes.RestoreContext, Body: """{"contextId":"CONTEXT","version":1}"""),
        new(AgbServerRoutes.ListContextFiles, Body: """{"contextId":"CONTEXT","path":"/","recurse":true,"skip":0}"""),
        new(AgbServerRoutes.GetContextFile, Body: FileBody),
        new(AgbServerRoutes.OpenContextFile, Body: FileBody),
        new(AgbServerRoutes.ChangeContextFiles, "contextId=CONTEXT", ""),
        new(AgbServerRoutes.RunCommand, Body: """{"sessionId":"SESSION","command":"true","timeout":"00:00:05","workingDirectory":"/tmp","environment":{"A":"b"},"maxOutputBytes":100,"lines":true}"""),
        new(AgbServerRoutes.RunCode, Body: """{"sessionId":"SESSION","code":"1","language":"Python","timeout":"00:00:05","events":true}"""),
        new(AgbServerRoutes.StartSync, Body: """{"sessionId":"SESSION","contextId":"CONTEXT","path":"/home/data","mode":"Upload","force":false,"maxDeletePercent":50}"""),
        new(AgbServerRoutes.CancelSync, Body: """{"syncId":"none"}"""),
        new(AgbServerRoutes.CancelCall, Body: """{"requestId":"none"}"""),
        new(AgbServerRoutes.GetSyncStatus, Body: """{"sessionId":"SESSION","contextId":"CONTEXT","path":"/home/data","taskType":"Upload"}"""),
        new(AgbServerRoutes.WaitSync, Body: """{"sessionId":"SESSION","timeout":"00:00:01","contextId":"CONTEXT","path":"/home/data"}"""),
        new(AgbServerRoutes.PlanSync, Body: """{"sessionId":"SESSION","mode":"Download"}"""),
        new(AgbServerRoutes.MountContext, Body: """{"sessionId":"SESSION","contextId":"CONTEXT","path":"/home/other","version":1,"readOnly":true,"subPath":"a"}"""),
        new(AgbServerRoutes.DismountContext, Body: """{"sessionId":"SESSION","path":"/home/data","contextId":"CONTEXT","syncContext":false,"discardChanges":true,"force":true}"""),
        new(AgbServerRoutes.SwitchContext, Body: """{"sessionId":"SESSION","path":"/home/data","contextId":"CONTEXT","version":1}"""),
        new(AgbServerRoutes.ListMounts, Body: SessionBody),
        // WebSockets, whose ids are in their first frames.
        new(AgbServerRoutes.Terminal),
        new(AgbServerRoutes.CommandSocket),
    ];

    /// <summary>Whether it has an id in it.</summary>
    internal bool HasIds => $"{Query}{Body}" is var text && (text.Contains("SESSION", StringComparison.Ordinal) || text.Contains("CONTEXT", StringComparison.Ordinal));

    /// <summary>The path with its query.</summary>
    internal string Target => Query.Length == 0 ? Route : $"{Route}?{Query}";

    /// <summary>The request for a session and a context.</summary>
    internal WireRequest For(string session, string context) => this with { Query = Put(Query, session, context), Body = Body is null ? null : Put(Body, session, context) };

    /// <summary>The method that a server takes at its endpoint.</summary>
    internal HttpMethod MethodAt(TestServer server) => new(EndpointsOf(server).First(e => e.Pattern == Route).Method);

    /// <summary>The endpoints of a server.</summary>
    internal static IEnumerable<(string Method, string Pattern, AccessKind Access)> EndpointsOf(TestServer server) =>
        server.Server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().SelectMany(e =>
            (e.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"])
            .Select(m => (m, e.RoutePattern.RawText!, e.Metadata.GetMetadata<EndpointAccess>()?.Kind ?? AccessKind.Anybody)));

    private static string Put(string text, string session, string context) =>
        text.Replace("SESSION", session, StringComparison.Ordinal).Replace("CONTEXT", context, StringComparison.Ordinal);
}
