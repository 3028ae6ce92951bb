using System.Collections.Concurrent;
using Agb.Cloud;
using Agb.Cloud.Tests.Support;

namespace Agb.Cloud.Tests.Http;

/// <summary>What goes over the wire can be looked at, without its secrets.</summary>
public sealed class TraceTests : PlainTest
{
    [Fact]
    public async Task Each_exchange_is_told_with_its_bodies_and_without_its_secrets()
    {
        Fake.Ok("/mcp/createSession", """
            {"sessionId":"s-1","linkUrl":"https://link.example/a/b","wsUrl":"wss://link.example/ws?t=1","token":"tok-123","toolList":"[{\"name\":\"shell\",\"server\":\"srv\"}]"}
            """);
        Fake.On("/a/b/callTool", """{"data":{"result":{"content":[{"type":"text","text":"{\"stdout\":\"hello\",\"exit_code\":0}"}]}}}""");
        var exchanges = new ConcurrentQueue<AgbWireExchange>();
        Service.Exchanged += exchanges.Enqueue;
        await Service.CreateSessionAsync(new AgbSessionRequest { Labels = new Dictionary<string, string> { ["k"] = Key } }, Token);
        await Service.RunCommandAsync(new SessionId("s-1"), new AgbCommandRequest { Command = "echo hello" }, Token);

        exchanges.Select(e => e.Method).ShouldBe(["GET", "POST", "POST"]);
        var create = exchanges.ElementAt(1);
        create.Address.ShouldBe("https://agb.example/mcp/createSession?imageId=agb-code-space-1");
        (create.Status, create.RequestId).ShouldBe((200, "r-1"));
        create.ResponseBody.ShouldNotBeNull().ShouldContain("s-1");
        var run = exchanges.ElementAt(2);
        run.RequestBody.ShouldNotBeNull().ShouldContain("echo hello");
        run.ResponseBody.ShouldNotBeNull().ShouldContain("hello");
        foreach (var text in exchanges.SelectMany(e => new[] { e.Address, e.RequestBody, e.ResponseBody, e.ToString() }))
        {
            foreach (var secret in (string[])[Key, "tok-123", "a/b", "t=1"])
            {
                (text ?? "").ShouldNotContain(secret, Case.Sensitive, text);
            }
        }
    }

    [Fact]
    public async Task A_call_without_an_answer_is_told_too()
    {
        Change = o => o with { MaxRetries = 0 };
        Fake.On("/agb/info", (_, _) => throw new HttpRequestException($"no route for {Key}"));
        var exchanges = new ConcurrentQueue<AgbWireExchange>();
        Service.Exchanged += exchanges.Enqueue;
        await Should.ThrowAsync<AgbConnectionException>(() => Service.GetSessionAsync(new SessionId("s-1"), Token));
        var exchange = exchanges.ShouldHaveSingleItem();
        exchange.Status.ShouldBeNull();
        exchange.Error.ShouldBe("no route for ***");
    }

    [Fact]
    public async Task Long_bodies_are_cut()
    {
        OnSession(more: $",\"x\":\"{new string('x', 5000)}\"");
        Fake.Ok("/sdk/GetLabel", "{}");
        var exchanges = new ConcurrentQueue<AgbWireExchange>();
        Service.Exchanged += exchanges.Enqueue;
        await Service.GetSessionAsync(new SessionId("s-1"), Token);
        exchanges.ElementAt(1).ResponseBody!.Length.ShouldBe(AgbWireExchange.MaxBody + 3);
    }

    [Theory]
    [InlineData("{\"token\":\"abc\"}", "{\"token\":\"***\"}")]
    [InlineData("{\"data\":\"{\\\"token\\\" : \\\"abc\\\"}\"}", "{\"data\":\"{\\\"token\\\" : \\\"***\\\"}\"}")]
    [InlineData("{\"Token\":\"abc\",\"x\":1}", "{\"Token\":\"***\",\"x\":1}")]
    [InlineData("{\"url\":\"https://h/p?Signature=abc\"}", "{\"url\":\"https://h/***\"}")]
    [InlineData("{\"wsUrl\":\"wss://h?t=abc\"}", "{\"wsUrl\":\"wss://h/***\"}")]
    [InlineData("the-key and the%2Dkey", "*** and the%2Dkey")]
    public void Secrets_are_hidden(string text, string hidden) => new Secrets("the-key").Hide(text).ShouldBe(hidden);

    [Fact]
    public void A_key_in_its_escaped_form_is_hidden_too() => new Secrets("a/b+c").Hide("x=a%2Fb%2Bc").ShouldBe("x=***");

    [Fact]
    public void In_messages_addresses_stay_without_their_queries() =>
        new Secrets("k-1").HideInMessage("see https://h/p?sig=abc or k-1").ShouldBe("see https://h/p?*** or ***");
}
