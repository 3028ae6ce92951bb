using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Agb.Benchmarks.Measure;
using Agb.Protocol;

namespace Agb.Benchmarks.Peers.Server;

/// <summary>Calls the AGB API as the official SDKs do: the same requests in the same order, a new connection for each, and
/// the same polls with the same pauses between them.</summary>
internal sealed class SdkClient(Uri server)
{
    private static readonly TimeSpan s_startPoll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_syncPoll = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan s_deletePoll = TimeSpan.FromSeconds(1);

    /// <summary>A context by name, made if need be.</summary>
    internal async Task<string> ContextAsync(string name)
    {
        var envelope = await CallAsync(HttpMethod.Get, $"{AgbRoutes.GetContext}?name={name}&allowCreate=true").ConfigureAwait(false);
        return envelope.DataAs(WireJson.Default.ContextData)!.Id!;
    }

    /// <summary>Where a file of a context is read without a key, for a time.</summary>
    internal async Task<string> DownloadUrlAsync(string contextId, string path)
    {
        var route = $"{AgbRoutes.GetContextFileDownloadUrl}?contextId={contextId}&filePath={Uri.EscapeDataString(path)}";
        return (await CallAsync(HttpMethod.Post, route).ConfigureAwait(false)).DataAs(WireJson.Default.FileUrlData)!.Url!;
    }

    /// <summary>Creates a session and waits for its downloads.</summary>
    internal async Task<string> CreateSessionAsync(string image, string contextId, string path, AgbSyncPolicy policy)
    {
        var body = new CreateSessionBody
        {
            PersistenceDataList = [new PersistenceData { ContextId = contextId, Path = path, Policy = SyncPolicyJson.Write(policy) }],
        };
        var envelope = await CallAsync(
            HttpMethod.Post, $"{AgbRoutes.CreateSession}?imageId={image}&sdkStats=%7B%7D", body, WireJson.Default.CreateSessionBody).ConfigureAwait(false);
        var session = envelope.DataAs(WireJson.Default.SessionData)!.SessionId!;
        await PollTasksAsync(session, s_startPoll).ConfigureAwait(false);
        return session;
    }

    /// <summary>Runs a shell command; one that fails is an error.</summary>
    internal async Task ShellAsync(string session, string command)
    {
        var body = new CallToolBody
        {
            SessionId = session,
            Name = ShellArguments.ToolName,
            Args = JsonSerializer.Serialize(new ShellArguments { Command = command, TimeoutMs = 60_000 }, WireJson.Default.ShellArguments),
        };
        var envelope = await CallAsync(
            HttpMethod.Post, $"{AgbRoutes.CallTool}?autoGenSession=false", body, WireJson.Default.CallToolBody).ConfigureAwait(false);
        // A command that fails is no error of the tool: its exit code is in the answer.
        var result = envelope.DataAs(WireJson.Default.ToolResultData)!;
        var text = result.Content?.FirstOrDefault()?.Text ?? "";
        if (result.IsError || JsonSerializer.Deserialize(text, WireJson.Default.ShellResult) is not { ExitCode: 0 })
        {
            throw new PeerException($"'{command}' failed: {text}");
        }
    }

    /// <summary>Syncs and waits.</summary>
    internal async Task SyncAsync(string session)
    {
        await CallAsync(HttpMethod.Post, $"{AgbRoutes.SyncContext}?sessionId={session}").ConfigureAwait(false);
        await PollTasksAsync(session, s_syncPoll).ConfigureAwait(false);
    }

    /// <summary>Releases a session and waits until it is gone.</summary>
    internal async Task DeleteAsync(string session)
    {
        var body = new SessionIdBody { SessionId = session };
        await CallAsync(HttpMethod.Post, AgbRoutes.ReleaseSessionAsync, body, WireJson.Default.SessionIdBody).ConfigureAwait(false);
        while (true)
        {
            var envelope = await SendAsync(HttpMethod.Post, AgbRoutes.GetSessionInfo, body, WireJson.Default.SessionIdBody).ConfigureAwait(false);
            if (!envelope.Success || envelope.DataAs(WireJson.Default.SessionStatusData)?.Status == "FINISH")
            {
                return;
            }
            await Task.Delay(s_deletePoll).ConfigureAwait(false);
        }
    }

    private async Task PollTasksAsync(string session, TimeSpan pause)
    {
        while (true)
        {
            var envelope = await CallAsync(HttpMethod.Get, $"{AgbRoutes.GetContextInfo}?sessionId={session}").ConfigureAwait(false);
            var tasks = ContextStatusJson.Read(envelope.DataAs(WireJson.Default.ContextInfoData)!.ContextStatus);
            if (tasks.All(t => t.Status is "Success" or "Failed"))
            {
                return;
            }
            await Task.Delay(pause).ConfigureAwait(false);
        }
    }

    private Task<Envelope> CallAsync(HttpMethod method, string route) => CallAsync<SessionIdBody>(method, route, null, null);

    private async Task<Envelope> CallAsync<T>(HttpMethod method, string route, T? body, JsonTypeInfo<T>? type)
    {
        var envelope = await SendAsync(method, route, body, type).ConfigureAwait(false);
        return envelope.Success ? envelope : throw new PeerException($"{route}: {envelope.Code} {envelope.Message}");
    }

    private async Task<Envelope> SendAsync<T>(HttpMethod method, string route, T? body, JsonTypeInfo<T>? type)
    {
        using var client = new HttpClient { BaseAddress = server };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", LocalServer.ApiKey);
        using var request = new HttpRequestMessage(method, route);
        if (method == HttpMethod.Post)
        {
            var text = body is null || type is null ? "{}" : JsonSerializer.Serialize(body, type);
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        }
        using var response = await client.SendAsync(request).ConfigureAwait(false);
        return Envelope.Read(await response.Content.ReadAsByteArrayAsync().ConfigureAwait(false));
    }
}
