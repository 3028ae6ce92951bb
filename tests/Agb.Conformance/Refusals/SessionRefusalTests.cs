namespace Agb.Conformance.Refusals;

/// <summary>Tests of impossible sessions and contexts: they are refused, and nothing changes.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class SessionRefusalTests : ServiceTest
{
    [Fact]
    public async Task An_unknown_image_is_refused_with_the_known_ones()
    {
        var error = await RefusesSessionAsync(AgbErrorIds.ImageNotFound, new AgbSessionRequest { ImageId = "agb-no-such-image" });
        error.Message.ShouldContain("agb-no-such-image");
        foreach (var known in (string[])["agb-code-space-1", "agb-code-space-2", "agb-browser-use-1"])
        {
            error.Message.ShouldContain(known);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public Task An_empty_image_is_refused(string id) => RefusesSessionAsync(AgbErrorIds.ImageNotFound, new AgbSessionRequest { ImageId = id });

    [Fact]
    public async Task A_mount_of_an_unknown_context_is_refused()
    {
        var known = await NewContextAsync();
        var error = await RefusesSessionAsync(
            AgbErrorIds.ContextNotFound, known.At("/home/a"), new AgbContextSync { ContextId = "SdkCtx-none", Path = "/home/b" });
        error.Message.ShouldContain("SdkCtx-none");
    }

    [Fact]
    public Task A_mount_without_a_context_is_refused() =>
        RefusesSessionAsync(AgbErrorIds.ContextNotFound, new AgbContextSync { ContextId = "", Path = "/home/b" });

    [Fact]
    public async Task More_than_64_mounts_are_refused()
    {
        var context = await NewContextAsync();
        await RefusesSessionAsync(AgbErrorIds.InvalidSessionOption, [.. Enumerable.Range(0, 65).Select(i => context.At($"/srv/m{i}"))]);
    }

    [Theory]
    [InlineData("", "value")]
    [InlineData("  ", "value")]
    [InlineData("key\n", "value")]
    [InlineData("key", "a\0b")]
    public Task A_label_with_a_bad_key_or_value_is_refused(string key, string value) => RefusesSessionAsync(
        AgbErrorIds.InvalidLabel, new AgbSessionRequest { Labels = new Dictionary<string, string> { ["good"] = "1", [key] = value } });

    [Fact]
    public Task A_label_that_is_too_long_is_refused() => RefusesSessionAsync(
        AgbErrorIds.InvalidLabel, new AgbSessionRequest { Labels = new Dictionary<string, string> { ["key"] = new('x', 256) } });

    [Fact]
    public Task More_than_64_labels_are_refused() => RefusesSessionAsync(
        AgbErrorIds.InvalidLabel, new AgbSessionRequest { Labels = Enumerable.Range(0, 65).ToDictionary(i => $"k{i}", _ => "") });

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(0.5)]
    [InlineData(40_000_000)]
    public async Task An_idle_timeout_or_lifetime_out_of_range_is_refused(double seconds)
    {
        await RefusesSessionAsync(AgbErrorIds.InvalidSessionOption, new AgbSessionRequest { IdleTimeout = TimeSpan.FromSeconds(seconds) });
        await RefusesSessionAsync(AgbErrorIds.InvalidSessionOption, new AgbSessionRequest { MaxLifetime = TimeSpan.FromSeconds(seconds) });
    }

    [Theory]
    [InlineData("s-none")]
    [InlineData("")]
    [InlineData("../s-none")]
    [InlineData("s-none\0x")]
    public async Task An_unknown_session_is_refused_by_every_call(string id)
    {
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Service.GetSessionAsync(new SessionId(id), Token));
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Service.WaitSessionAsync(new SessionId(id), Patience, Token));
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Service.RemoveSessionAsync(new SessionId(id), cancellationToken: Token));
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Service.RunCommandAsync(new SessionId(id), new AgbCommandRequest { Command = "true" }, Token));
    }

    [Theory]
    [InlineData("SdkCtx-none")]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("../x\0y")]
    public async Task An_unknown_context_is_refused_by_every_call(string id)
    {
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextAsync(new ContextId(id), Token));
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => Service.RemoveContextAsync(new ContextId(id), Token));
    }

    [Fact]
    public async Task A_context_name_that_is_taken_is_refused()
    {
        var context = await NewContextAsync();
        var error = await RefusesAsync(AgbErrorIds.ContextAlreadyExists, () => CreateContextAsync(context.Name));
        error.Kind.ShouldBe(AgbErrorKind.AlreadyExists);
        error.Message.ShouldContain(context.Name);
        await RefusesAsync(AgbErrorIds.ContextAlreadyExists, () => CreateContextAsync($" {context.Name} "));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \t")]
    [InlineData("a\nb")]
    [InlineData("a\0b")]
    [InlineData("a\u0085b")]
    public async Task A_context_name_that_is_no_name_is_refused(string name)
    {
        await RefusesAsync(AgbErrorIds.InvalidContextName, () => CreateContextAsync(name));
        await RefusesAsync(AgbErrorIds.InvalidContextName, () => CreateContextAsync(name, getExisting: true));
    }

    [Fact]
    public Task A_context_name_that_is_too_long_is_refused() =>
        RefusesAsync(AgbErrorIds.InvalidContextName, () => CreateContextAsync(new string('x', 256)));

    [Fact]
    public async Task A_creation_that_is_cancelled_before_it_begins_changes_nothing()
    {
        var before = await Service.ListSessionsAsync(null, Token).CountAsync(Token);
        await Should.ThrowAsync<OperationCanceledException>(
            () => Service.CreateSessionAsync(new AgbSessionRequest(), new CancellationToken(canceled: true)));
        (await Service.ListSessionsAsync(null, Token).CountAsync(Token)).ShouldBe(before);
    }
}
