using System.Text;
using Agb.Protocol;
using Agb.Server;
using Agb.Server.Tests.Support;

namespace Agb.Server.Tests;

/// <summary>Connections beyond the most that may be open are told so, in bounded number and time, and the others go on.</summary>
public sealed class ConnectionLoadTests
{
    private const string Request = "GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n";

    // Long enough that no test sees its end.
    private static readonly TimeSpan s_long = TimeSpan.FromMinutes(10);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task One_beyond_the_most_gets_a_typed_503_and_is_served_when_another_has_gone()
    {
        await using var server = await StartAsync();
        using (var only = await OpenServedAsync(server))
        {
            using var refused = await RawConnection.OpenAsync(server);
            await refused.SendAsync(Request);
            var (head, envelope) = await ReadAsync(refused);

            head.ShouldContain("\r\nRetry-After: 1\r\n");
            head.ShouldContain("\r\nConnection: close\r\n");
            head.ShouldContain($"\r\n{WireHeaders.RequestId}: {envelope.RequestId}\r\n");
            (envelope.Success, envelope.Code, envelope.HttpStatusCode).ShouldBe((false, AgbErrorIds.TooManyRequests, 503));
            envelope.Message.ShouldContain("1 connections open, its limit (--max-connections)");
            var error = envelope.ToException(503);
            (error.ErrorId, error.Kind).ShouldBe((AgbErrorIds.TooManyRequests, AgbErrorKind.ResourceExhausted));
            error.Remedy.ShouldNotBeNull().ShouldStartWith("Nothing was done.");
            await only.SendAsync(Request);
            (await only.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 200", Case.Sensitive, "the one that is open goes on");
        }
        await ServesAgainAsync(server);
        server.Log.Where(l => l.StartsWith("Error", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(300_000)]
    public async Task A_request_gets_its_answer_whole_when_nothing_more_is_sent(int bytes)
    {
        await using var server = await StartAsync();
        using var only = await OpenServedAsync(server);
        using var refused = await RawConnection.OpenAsync(server);
        var body = new string('x', bytes);
        await refused.SendAsync($"POST /mcp/createSession HTTP/1.1\r\nHost: h\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        refused.EndSending();

        (await ReadAsync(refused)).Envelope.Code.ShouldBe(AgbErrorIds.TooManyRequests);
        (await refused.ReadToEndAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task All_addresses_count_together()
    {
        await using var server = await StartAsync(o => o with { Listen = ListenAddress.ParseAll("http://127.0.0.1:0;http://127.0.0.1:0") });
        using var only = await OpenServedAsync(server);
        using var refused = await RawConnection.OpenAsync(server, new Uri(server.Server.Urls.Last()).Port);
        await refused.SendAsync(Request);
        (await ReadAsync(refused)).Envelope.HttpStatusCode.ShouldBe(503);
    }

    [Fact]
    public async Task No_more_are_told_at_a_time_than_may_be_and_the_rest_is_closed()
    {
        var budget = new HandleBudget(HandleBudget.Least);
        await using var server = await StartAsync(o => o with { Load = new LoadLimits { Handles = budget } });
        using var only = await OpenServedAsync(server);
        var silent = new List<RawConnection>();
        for (var i = 0; i < budget.Refusals; i++)
        {
            silent.Add(await RawConnection.OpenAsync(server));
        }
        await LoggedAsync(server, "is refused", budget.Refusals);

        using (var closed = await RawConnection.OpenAsync(server))
        {
            (await closed.ReadToEndAsync()).ShouldBeEmpty();
        }
        await LoggedAsync(server, "is closed without an answer", 1);

        // Those who ask late are still told, and make room for others.
        foreach (var connection in silent)
        {
            await connection.SendAsync(Request);
            (await ReadAsync(connection)).Envelope.HttpStatusCode.ShouldBe(503);
            connection.Dispose();
        }
        while (true)
        {
            using var next = await RawConnection.OpenAsync(server);
            await next.SendAsync(Request);
            if ((await next.ReadHeadAsync()).StartsWith("HTTP/1.1 503", StringComparison.Ordinal))
            {
                break;
            }
        }
    }

    [Fact]
    public async Task One_that_asks_for_nothing_is_closed_in_time()
    {
        await using var server = await StartAsync(o => o with { Timeouts = new SlowClientTimeouts { Refusal = TimeSpan.FromMilliseconds(100) } });
        using var only = await OpenServedAsync(server);
        using var silent = await RawConnection.OpenAsync(server);
        (await silent.ReadToEndAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task One_that_does_not_go_is_closed_in_time()
    {
        await using var server = await StartAsync(o => o with { Timeouts = new SlowClientTimeouts { Refusal = TimeSpan.FromSeconds(10) } });
        using var only = await OpenServedAsync(server);
        using var stays = await RawConnection.OpenAsync(server);
        await stays.SendAsync(Request);
        Encoding.UTF8.GetString(await stays.ReadToEndAsync()).ShouldStartWith("HTTP/1.1 503");
    }

    [Fact]
    public async Task A_stop_does_not_wait_for_those_that_were_refused()
    {
        var server = await StartAsync(o => o with { ShutdownTimeout = s_long });
        using (var only = await OpenServedAsync(server))
        {
            using var silent = await RawConnection.OpenAsync(server);
            await LoggedAsync(server, "is refused", 1);
            await server.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromMinutes(2), Token);
            (await silent.ReadToEndAsync()).ShouldBeEmpty();
        }
    }

    [Fact]
    public async Task With_TLS_it_is_closed_before_the_handshake()
    {
        using var certificate = new CertificateFiles();
        await using var server = await StartAsync(o => certificate.On(o, "https://127.0.0.1:0;http://127.0.0.1:0"));
        using var only = await OpenServedAsync(server, new Uri(server.Server.Urls.Last()).Port);
        using var refused = await RawConnection.OpenAsync(server);
        (await refused.ReadToEndAsync()).ShouldBeEmpty();
    }

    private static Task<TestServer> StartAsync(Func<ServerOptions, ServerOptions>? change = null) => TestServer.StartAsync(o =>
    {
        var few = o with { MaxConnections = 1, Timeouts = new SlowClientTimeouts { Refusal = s_long } };
        return change?.Invoke(few) ?? few;
    });

    private static async Task<RawConnection> OpenServedAsync(TestServer server, int? port = null)
    {
        var connection = await RawConnection.OpenAsync(server, port ?? server.Url.Port);
        await connection.SendAsync("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
        (await connection.ReadHeadAsync()).ShouldStartWith("HTTP/1.1 200");
        const string Body = "2\r\nok\r\n0\r\n\r\n";
        (await connection.ReadExactlyAsync(Body.Length)).ShouldBe(Body);
        return connection;
    }

    // The server learns of the end of a connection a moment after it.
    private static async Task ServesAgainAsync(TestServer server)
    {
        string head;
        do
        {
            using var next = await RawConnection.OpenAsync(server);
            await next.SendAsync(Request);
            head = await next.ReadHeadAsync();
        }
        while (head.StartsWith("HTTP/1.1 503", StringComparison.Ordinal));
        head.ShouldStartWith("HTTP/1.1 200");
    }

    private static async Task LoggedAsync(TestServer server, string text, int times)
    {
        while (server.Log.Count(l => l.Contains(text, StringComparison.Ordinal)) < times)
        {
            await Task.Delay(20, Token);
        }
    }

    private static async Task<(string Head, Envelope Envelope)> ReadAsync(RawConnection connection)
    {
        var head = await connection.ReadHeadAsync();
        head.ShouldStartWith("HTTP/1.1 503 ");
        const string Label = "Content-Length: ";
        var length = int.Parse(head.Split("\r\n").Single(l => l.StartsWith(Label, StringComparison.Ordinal))[Label.Length..]);
        return (head, Envelope.Read(Encoding.UTF8.GetBytes(await connection.ReadExactlyAsync(length))));
    }
}
