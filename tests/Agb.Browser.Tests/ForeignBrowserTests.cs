using System.Net.WebSockets;

namespace Agb.Browser.Tests;

/// <summary>Another program of a session in the browser's place.</summary>
public sealed class ForeignBrowserTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_message_without_end_ends_the_connection()
    {
        const int MiB = 1024 * 1024;
        using var server = new FakeDevTools(async (socket, token) =>
        {
            for (var i = 0; i < 160; i++)
            {
                await socket.SendAsync(new byte[MiB], WebSocketMessageType.Text, endOfMessage: false, token);
            }
            await Task.Delay(Timeout.Infinite, token);
        });
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Token);
        limit.CancelAfter(TimeSpan.FromSeconds(60));

        (await Should.ThrowAsync<AgbException>(BrowserPages.ConnectAsync(BrowserOf(server), limit.Token))).ErrorId.ShouldBe(AgbErrorIds.BrowserNotRunning);
    }

    [Fact]
    public async Task A_cancelled_connect_to_a_silent_one_leaves_no_connection()
    {
        using var server = new FakeDevTools(async (socket, token) =>
        {
            while (socket.State == WebSocketState.Open)
            {
                await FakeDevTools.ReceiveAsync(socket, token);
            }
        });
        using var cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var connecting = BrowserPages.ConnectAsync(BrowserOf(server), cancelled.Token);
        await Eventually.HoldsAsync("it is connected", () => server.Connections == 1);

        await cancelled.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(connecting);
        await Eventually.HoldsAsync("it is disconnected", () => server.Connections == 0);
    }

    private static AgbBrowser BrowserOf(FakeDevTools server) => new() { SessionId = "session-test", Endpoint = server.Endpoint };
}
