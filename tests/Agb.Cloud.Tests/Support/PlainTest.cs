using System.Text.Json;

namespace Agb.Cloud.Tests.Support;

/// <summary>A test of a client against a plain AGB API.</summary>
public abstract class PlainTest : IDisposable
{
    protected const string Key = "ako-secret-key-42";
    protected const string Endpoint = "https://agb.example";

    private AgbCloudService? _service;

    internal FakeAgb Fake { get; } = new();

    internal TestClock Time { get; } = new(Waits.Over);

    /// <summary>Settings beside the usual ones.</summary>
    internal Func<AgbCloudOptions, AgbCloudOptions> Change { get; set; } = o => o;

    internal AgbCloudService Service => _service ??= new AgbCloudService(
        Change(new AgbCloudOptions { Endpoint = Endpoint, ApiKey = Key, TimeProvider = Time, Handler = Fake }));

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _service?.Dispose();
        Fake.Dispose();
        GC.SuppressFinalize(this);
    }

    protected static string Quote(string text) => JsonSerializer.Serialize(text);

    /// <summary>Makes a session known to be one whose tools go by the API.</summary>
    internal void OnSession(string id = "s-1", string more = "") =>
        Fake.Ok("/mcp/getSession", $$"""{"sessionId":"{{id}}","status":"RUNNING"{{more}}}""");

    /// <summary>Answers a tool call by the API.</summary>
    internal void OnTool(string text, bool isError = false) => Fake.Ok(
        "/mcp", $$"""{"isError":{{(isError ? "true" : "false")}},"content":[{"type":"text","text":{{Quote(text)}}}]}""");

    internal static string ContextStatus(params string[] items)
    {
        var group = JsonSerializer.Serialize(new[] { new Dictionary<string, string> { ["type"] = "data", ["data"] = $"[{string.Join(',', items)}]" } });
        return FakeAgb.Envelope($$"""{"contextStatus":{{Quote(group)}}}""");
    }

    internal static string TaskItem(string context, string path, string type, string status, string error = "") =>
        $$"""{"contextId":"{{context}}","path":"{{path}}","errorMessage":"{{error}}","status":"{{status}}","startTime":1760000000,"finishTime":1760000002,"taskType":"{{type}}"}""";

    protected static async Task<T> FailsAsync<T>(string errorId, Func<Task> call)
        where T : AgbException
    {
        var error = await Should.ThrowAsync<T>(async () => await call());
        error.ErrorId.ShouldBe(errorId, error.Message);
        return error;
    }
}
