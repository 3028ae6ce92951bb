using System.Net.WebSockets;

namespace Agb.Engine.Tests.Browsers;

/// <summary>A program of a session that answers in the browser's place: its answers are the errors of a missing browser.</summary>
public sealed class ForeignDevToolsTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("no json")]
    [InlineData("[]")]
    [InlineData("1")]
    [InlineData("""{"id":1.5}""")]
    [InlineData("""{"id":99999999999}""")]
    [InlineData("""{"id":1,"error":"text"}""")]
    [InlineData("""{"id":1,"error":{"message":"\ud800"}}""")]
    public async Task An_answer_to_a_command(string answer)
    {
        using var server = new FakeDevTools(async (socket, token) =>
        {
            await FakeDevTools.ReceiveAsync(socket, token);
            await FakeDevTools.SendAsync(socket, answer, token);
            await Task.Delay(Timeout.Infinite, token);
        });
        using var tools = new DevTools(server.ConnectAsync);
        using var socket = await tools.OpenAsync(await tools.GetVersionAsync(Token), Token);

        await Should.ThrowAsync<WebSocketException>(socket.SendAsync("Browser.close", null, null, Token));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"targetInfos":7}""")]
    [InlineData("""{"targetInfos":[{"type":"page"}]}""")]
    [InlineData("""{"targetInfos":[{"type":"page","targetId":"t"}],"sessionId":"s","result":{"value":null}}""")]
    [InlineData("""{"targetInfos":[{"type":"page","targetId":"t"}],"sessionId":"s","result":{"value":"{}"}}""")]
    public async Task An_answer_to_the_check_of_a_start(string result)
    {
        using var server = new FakeDevTools(async (socket, token) =>
        {
            for (var id = 1; ; id++)
            {
                await FakeDevTools.ReceiveAsync(socket, token);
                await FakeDevTools.SendAsync(socket, $$"""{"id":{{id}},"result":{{result}}}""", token);
            }
        });
        using var tools = new DevTools(server.ConnectAsync);
        using var socket = await tools.OpenAsync(await tools.GetVersionAsync(Token), Token);

        await Should.ThrowAsync<WebSocketException>(new BrowserCheck(socket, new AgbBrowserRequest { Stealth = true }).RequireAsync([], Token));
    }

    [Theory]
    [InlineData("application/json; charset=none-such", "{}")]
    [InlineData("application/json", "[]")]
    [InlineData("application/json", """{"Browser":"b","webSocketDebuggerUrl":7}""")]
    public async Task An_answer_about_itself(string type, string body)
    {
        using var server = new FakeDevTools(
            (_, _) => Task.CompletedTask, $"HTTP/1.1 200 OK\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        using var tools = new DevTools(server.ConnectAsync);

        await Should.ThrowAsync<HttpRequestException>(tools.GetVersionAsync(Token));
    }
}
