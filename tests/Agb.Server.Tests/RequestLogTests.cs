using System.Globalization;
using System.Text.Json;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;

namespace Agb.Server.Tests;

/// <summary>What the log says of requests and of calls of tools.</summary>
public sealed class RequestLogTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("{}", false, "done")]
    [InlineData("""{"fail":true}""", true, "failed")]
    public async Task A_call_of_a_tool_has_every_field_on_both_routes(string arguments, bool isError, string outcome)
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        var (_, link, _) = await CallAsync(server, session, $$"""{"tool":"echo","args":{{arguments}},"requestId":"link-1-000000001"}""");
        link.DataAs(WireJson.Default.LinkCallReply)!.Result!.IsError.ShouldBe(isError);
        var body = JsonSerializer.Serialize(new CallToolBody { SessionId = session.SessionId, Name = "echo", Args = arguments }, WireJson.Default.CallToolBody);
        var api = await server.CallAsync(HttpMethod.Post, "/mcp?autoGenSession=false", body);

        RequireAll(await LineAsync(server, link.RequestId), "/link/{session}/callTool", session.SessionId!, "echo", outcome);
        (await LineAsync(server, link.RequestId))["ClientRequestId"].ShouldBe("link-1-000000001");
        RequireAll(await LineAsync(server, api.RequestId), AgbRoutes.CallTool, session.SessionId!, "echo", outcome);
    }

    [Fact]
    public async Task A_call_on_a_WebSocket_has_every_field_too()
    {
        await using var server = await TestServer.StartAsync();
        server.Fake.OnCode = (request, _) => request.Code == "good"
            ? Task.FromResult(new AgbCodeResult { SessionId = "s", Language = request.Language })
            : throw AgbErrors.Invalid(AgbErrorIds.InvalidCode, "No.");
        var session = await server.CreateSessionAsync();
        using var socket = await SocketClient.ConnectAsync(session.WsUrl!, WireHeaders.AccessToken, session.Token!);
        foreach (var code in new[] { "good", "bad" })
        {
            var call = """{"invocationId":"call-CODE","data":{"method":"run_code","params":{"language":"python","code":"CODE"}}}""";
            await socket.SendTextAsync(call.Replace("CODE", code, StringComparison.Ordinal));
            (await socket.ReadTextAsync()).ShouldContain("call-" + code);
        }

        RequireAll(await LineAsync(server, "call-good", "ClientRequestId"), "/ws/{session}", session.SessionId!, "run_code", "done");
        RequireAll(await LineAsync(server, "call-bad", "ClientRequestId"), "/ws/{session}", session.SessionId!, "run_code", "failed");
    }

    [Fact]
    public async Task What_clients_choose_makes_no_lines_of_its_own()
    {
        await using var server = await TestServer.StartAsync();
        var session = await server.CreateSessionAsync();

        var (_, envelope, _) = await CallAsync(server, session, """{"tool":"no such\ntool","args":{},"requestId":"two\nlines"}""");

        var line = await LineAsync(server, envelope.RequestId);
        (line["Tool"], line["Outcome"], line["ClientRequestId"]).ShouldBe(("(unknown)", "failed", "(no id)"));
    }

    [Fact]
    public async Task Every_request_about_a_session_names_it()
    {
        await using var server = await TestServer.StartAsync();
        var context = (await server.CallAsync(HttpMethod.Get, "/sdk/GetContext?name=c&allowCreate=true")).DataAs(WireJson.Default.ContextData)!.Id!;
        foreach (var request in WireRequest.All.Where(r => $"{r.Query}{r.Body}".Contains("SESSION", StringComparison.Ordinal)))
        {
            server.Fake.AddSession("s-named");
            var good = request.For("s-named", context);
            using var message = new HttpRequestMessage(request.MethodAt(server), good.Target) { Content = good.Body is null ? null : new StringContent(good.Body) };
            using var response = await server.Client.SendAsync(message, Token);
            await response.Content.ReadAsByteArrayAsync(Token);

            (await LineAsync(server, response.Headers.GetValues(WireHeaders.RequestId).Single())).GetValueOrDefault("SessionId").ShouldBe("s-named", good.Target);
        }
        foreach (var route in new[] { AgbServerRoutes.Terminal, AgbServerRoutes.CommandSocket })
        {
            using (var socket = await SocketClient.OwnerAsync(server, route))
            {
                await socket.SendTextAsync("""{"sessionId":"s-unknown","command":"true"}""");
                (await socket.ReadTextAsync()).ShouldContain(AgbErrorIds.SessionNotFound);
            }
            (await LineAsync(server, route, "Route"))["SessionId"].ShouldBe("s-unknown");
        }
    }

    [Fact]
    public async Task A_request_about_none_has_the_other_fields()
    {
        await using var server = await TestServer.StartAsync();

        var envelope = await server.CallAsync(HttpMethod.Get, AgbRoutes.ListContexts);

        var line = await LineAsync(server, envelope.RequestId);
        (line["Method"], line["Route"], line["Status"], line["Owner"]).ShouldBe(("GET", AgbRoutes.ListContexts, 200, "default"));
        line["Milliseconds"].ShouldBeOfType<double>().ShouldBeGreaterThan(0);
        line.ContainsKey("SessionId").ShouldBeFalse();
    }

    [Fact]
    public async Task Lines_of_both_forms_have_the_time_of_day_in_UTC()
    {
        var before = DateTimeOffset.UtcNow;
        var json = JsonDocument.Parse(await WriteAsync(LogFormat.Json, "json")).RootElement;
        var text = await WriteAsync(LogFormat.Text, "simple");

        Parse(json.GetProperty("Timestamp").GetString()!).ShouldBeInRange(before.AddSeconds(-1), DateTimeOffset.UtcNow);
        json.GetProperty("State").GetProperty("Tool").GetString().ShouldBe("shell");
        Parse(text.Split(' ')[0]).ShouldBeInRange(before.AddSeconds(-1), DateTimeOffset.UtcNow);
        text.TrimEnd('\n').ShouldNotContain('\n');

        static DateTimeOffset Parse(string time)
        {
            time.ShouldEndWith("Z");
            return DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);
        }
    }

    /// <summary>What a server with a form of lines writes for a call of a tool.</summary>
    private static async Task<string> WriteAsync(LogFormat format, string name)
    {
        await using var server = await TestServer.StartAsync(o => o with { LogFormat = format });
        var formatter = server.Server.Services.GetServices<ConsoleFormatter>().Single(f => f.Name == name);
        KeyValuePair<string, object?>[] state = [new("Tool", "shell"), new("{OriginalFormat}", "tool {Tool}")];
        using var line = new StringWriter();
        formatter.Write(new LogEntry<KeyValuePair<string, object?>[]>(LogLevel.Information, "c", 1, state, null, (_, _) => "tool shell"), null, line);
        return line.ToString();
    }

    private static void RequireAll(IReadOnlyDictionary<string, object?> line, string route, string session, string tool, string outcome)
    {
        (line["Route"], line["Owner"], line["SessionId"], line["Tool"], line["Outcome"]).ShouldBe((route, "default", session, tool, outcome));
        line["Milliseconds"].ShouldBeOfType<double>().ShouldBeGreaterThan(0);
        line["RequestId"].ShouldBeOfType<string>().ShouldNotBeEmpty();
        line["ClientRequestId"].ShouldBeOfType<string>().ShouldNotBeEmpty();
    }

    /// <summary>Calls a tool as the official clients do.</summary>
    private static Task<(int Status, Envelope Envelope, HttpResponseMessage Response)> CallAsync(TestServer server, SessionData session, string body) =>
        TestServer.SendAsync(server.ClientOf(null), HttpMethod.Post, session.LinkUrl + "/callTool", body, session.Token);

    /// <summary>The line of a request. It comes after the answer.</summary>
    private static async Task<IReadOnlyDictionary<string, object?>> LineAsync(TestServer server, string value, string field = "RequestId")
    {
        bool Is(IReadOnlyDictionary<string, object?> fields) => fields.ContainsKey("Milliseconds") && value.Equals(fields.GetValueOrDefault(field));
        await Eventually.HoldsAsync($"a line with the {field} {value}", () => server.LogFields.Any(Is));
        return server.LogFields.First(Is);
    }
}
