using Microsoft.Extensions.DependencyInjection;
using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server;
using Microsoft.Extensions.Logging;

namespace Agb.Server.Tests.Support;

/// <summary>A server on loopback with a data directory of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    internal const string Key = "test-key-0123456789";

    private readonly bool _ownsData;
    private AgbServer? _server;

    private TestServer(ServerOptions options, bool ownsData)
    {
        Options = options;
        _ownsData = ownsData;
    }

    internal ServerOptions Options { get; }

    internal string Data => Options.DataDirectory;

    /// <summary>What was logged.</summary>
    internal ConcurrentQueue<string> Log { get; } = new();

    /// <summary>The named values of what was logged.</summary>
    internal ConcurrentQueue<IReadOnlyDictionary<string, object?>> LogFields { get; } = new();

    /// <summary>The service of the fixed key's owner, if services are fakes.</summary>
    internal FakeService Fake => Fakes["default"];

    /// <summary>The fakes that were opened, by owner.</summary>
    internal ConcurrentDictionary<string, FakeService> Fakes { get; private init; } = new();

    internal AgbServer Server => _server!;

    internal Uri Url => new(_server!.Urls.First());

    /// <summary>A client with the fixed key.</summary>
    internal HttpClient Client { get; private set; } = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Starts a server, or skips the test where embedded services are wanted and sessions can't run.</summary>
    /// <param name="change">What is different in its settings.</param>
    /// <param name="useEngine">Whether services are embedded ones, not fakes.</param>
    /// <param name="data">The data directory; null for one that is removed in the end.</param>
    internal static async Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null, bool useEngine = false, string? data = null)
    {
        var fakes = new ConcurrentDictionary<string, FakeService>();
        fakes["default"] = new FakeService();
        var options = new ServerOptions
        {
            DataDirectory = data ?? Directory.CreateTempSubdirectory("agb-server-test-").FullName,
            Listen = ListenAddress.ParseAll("http://127.0.0.1:0"),
            FixedApiKey = Key,
            ConfigureServices = s => s.AddSingleton(new ToolCatalog(new EchoTool(), new CommandTool())),
            OpenService = useEngine ? null : directory => fakes.GetOrAdd(Path.GetFileName(directory), _ => new FakeService()),
        };
        var server = new TestServer(change?.Invoke(options) ?? options, data is null) { Fakes = fakes };
        try
        {
            if (useEngine)
            {
                await TestHost.RequireAsync(OwnerRegistry.DirectoryOf(server.Data, OwnerRegistry.FixedOwnerId));
            }
            await server.StartAgainAsync();
            return server;
        }
        catch
        {
            // One that is to be refused leaves its directory to nobody.
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after it was stopped, on the same data.</summary>
    internal async Task StartAgainAsync()
    {
        _server = AgbServer.Create(Options, logging => logging.ClearProviders().AddProvider(new QueueLogger(Log, LogFields)).SetMinimumLevel(LogLevel.Trace));
        await _server.StartAsync(Token);
        Client = ClientOf(Key);
    }

    internal async Task StopAsync()
    {
        await _server!.StopAsync();
        await _server.DisposeAsync();
        _server = null;
    }

    /// <summary>A client with a key.</summary>
    internal HttpClient ClientOf(string? key)
    {
        var client = new HttpClient { BaseAddress = Url };
        client.DefaultRequestHeaders.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        return client;
    }

    /// <summary>Sends a request and reads the envelope.</summary>
    internal static async Task<(int Status, Envelope Envelope, HttpResponseMessage Response)> SendAsync(
        HttpClient client, HttpMethod method, string path, string? body = null, string? token = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null || method == HttpMethod.Post)
        {
            request.Content = new ByteArrayContent(body is null ? [] : Encoding.UTF8.GetBytes(body));
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        }
        if (token is not null)
        {
            request.Headers.Add(WireHeaders.AccessToken, token);
        }
        var response = await client.SendAsync(request, Token);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/json", $"{method} {path}");
        return ((int)response.StatusCode, Envelope.Read(await response.Content.ReadAsByteArrayAsync(Token)), response);
    }

    /// <summary>Calls with the fixed key; anything but success fails the test.</summary>
    internal async Task<Envelope> CallAsync(HttpMethod method, string path, string? body = null)
    {
        var (status, envelope, _) = await SendAsync(Client, method, path, body);
        envelope.Success.ShouldBeTrue($"{method} {path}: {status} {envelope.Code} {envelope.Message}");
        status.ShouldBe(200);
        envelope.Code.ShouldBe("ok");
        envelope.Message.ShouldBe("");
        envelope.RequestId.ShouldNotBeEmpty();
        return envelope;
    }

    /// <summary>Calls with the fixed key; success fails the test.</summary>
    internal async Task<Envelope> RefusesAsync(HttpMethod method, string path, string? body, string errorId)
    {
        var (status, envelope, _) = await SendAsync(Client, method, path, body);
        envelope.Success.ShouldBeFalse($"{method} {path}");
        envelope.ToException(status).ErrorId.ShouldBe(errorId, envelope.Message);
        envelope.Message.ShouldNotBeEmpty();
        status.ShouldBeInRange(400, 499);
        return envelope;
    }

    /// <summary>Creates a session.</summary>
    internal async Task<SessionData> CreateSessionAsync(string body = "{}") =>
        (await CallAsync(HttpMethod.Post, "/mcp/createSession?imageId=agb-code-space-1&sdkStats=%7B%7D", body)).DataAs(WireJson.Default.SessionData)!;

    /// <summary>Calls a tool by the API route.</summary>
    internal async Task<ToolResultData> CallToolAsync(string sessionId, string name, string arguments)
    {
        var body = JsonSerializer.Serialize(new CallToolBody { SessionId = sessionId, Name = name, Args = arguments }, WireJson.Default.CallToolBody);
        return (await CallAsync(HttpMethod.Post, "/mcp?autoGenSession=false", body)).DataAs(WireJson.Default.ToolResultData)!;
    }

    /// <summary>The sync tasks that GetContextInfo tells.</summary>
    internal async Task<IReadOnlyList<SyncTaskItem>> TasksAsync(string sessionId, string more = "")
    {
        var envelope = await CallAsync(HttpMethod.Get, $"/sdk/GetContextInfo?sessionId={sessionId}{more}");
        return ContextStatusJson.Read(envelope.DataAs(WireJson.Default.ContextInfoData)!.ContextStatus);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (_server is not null)
        {
            await StopAsync();
        }
        if (_ownsData)
        {
            await LeftSandboxes.EndAsync(Data);
            Directory.Delete(Data, recursive: true);
        }
    }

    private sealed class QueueLogger(
        ConcurrentQueue<string> log, ConcurrentQueue<IReadOnlyDictionary<string, object?>> fields, string category = "") : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => new QueueLogger(log, fields, categoryName);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            log.Enqueue($"{logLevel} {category} {eventId.Id} {formatter(state, exception)} {exception}");
            if (state is IEnumerable<KeyValuePair<string, object?>> values)
            {
                fields.Enqueue(values.DistinctBy(v => v.Key).ToDictionary());
            }
        }

        public void Dispose()
        {
        }
    }
}
