using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agb.Engine.Tests.Browsers;

/// <summary>The addresses of browsers on this machine, where any program can connect.</summary>
public sealed class BrowserEndpointTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_above_the_limit_wait_for_a_place()
    {
        using var endpoints = Create();
        var uri = new Uri(endpoints.AddressOf("session-a"));
        var idle = new List<TcpClient>();
        for (var i = 0; i < BrowserEndpoints.MostClients; i++)
        {
            idle.Add(await ConnectAsync(uri));
        }

        using var last = await ConnectAsync(uri);
        var answer = AnswerAsync(last, "/");
        await Task.WhenAny(answer, Task.Delay(TimeSpan.FromMilliseconds(300), Token));
        answer.IsCompleted.ShouldBeFalse("all places are taken");

        idle.ForEach(c => c.Dispose());
        (await answer).ShouldStartWith("HTTP/1.1 403 ");
    }

    [Fact]
    public async Task The_address_of_a_released_session_is_forgotten()
    {
        using var endpoints = Create();
        var uri = new Uri(endpoints.AddressOf("session-a"));
        (await AskAsync(uri)).ShouldStartWith("HTTP/1.1 502 ");

        endpoints.Forget("session-a");

        (await AskAsync(uri)).ShouldStartWith("HTTP/1.1 403 ");
    }

    private static BrowserEndpoints Create() => new(
        (id, _) => throw AgbErrors.SessionNotFound(id), (id, _) => throw AgbErrors.SessionNotFound(id));

    private static async Task<TcpClient> ConnectAsync(Uri uri)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, uri.Port, Token);
        return client;
    }

    private static async Task<string> AskAsync(Uri uri)
    {
        using var client = await ConnectAsync(uri);
        return await AnswerAsync(client, uri.AbsolutePath);
    }

    private static async Task<string> AnswerAsync(TcpClient client, string path)
    {
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\n\r\n"), Token);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Token);
    }
}
