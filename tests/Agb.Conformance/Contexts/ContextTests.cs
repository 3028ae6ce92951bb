namespace Agb.Conformance.Contexts;

/// <summary>Tests of creating, finding, listing and removing contexts.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class ContextTests : ServiceTest
{
    [Fact]
    public async Task A_new_context_says_who_it_is()
    {
        var name = UniqueName();
        var before = DateTimeOffset.UtcNow.AddMinutes(-5);
        var context = await CreateContextAsync(name);
        context.Id.ShouldStartWith("SdkCtx-");
        context.Name.ShouldBe(name);
        context.State.ShouldBe(AgbContextState.Available);
        context.CreatedAt.ShouldBeInRange(before, before.AddMinutes(10));
        context.LastUsedAt.ShouldBeGreaterThanOrEqualTo(context.CreatedAt);
        context.Service.ShouldBeSameAs(Service);
    }

    [Fact]
    public async Task A_context_is_found_by_its_id()
    {
        var context = await NewContextAsync();
        (await Service.GetContextAsync(context, Token)).ShouldBe(context);
    }

    [Fact]
    public async Task A_context_is_found_by_its_name()
    {
        var context = await NewContextAsync();
        (await Service.FindContextAsync(context.Name, Token)).ShouldBe(context);
    }

    [Fact]
    public async Task A_name_is_never_taken_for_an_id()
    {
        var context = await NewContextAsync();
        var name = new ContextId(context.Name);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextAsync(name, Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.RenameContextAsync(name, UniqueName(), Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.ClearContextAsync(name, cancellationToken: Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextPathsAsync(name, Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.RestoreContextAsync(name, 1, Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.OpenContextFileAsync(name, "/f", cancellationToken: Token));
        await FailsAsync(
            AgbErrorIds.ContextNotFound,
            () => Service.ChangeContextFilesAsync(
                name, new AgbContextFileChange[] { new AgbContextFileChange.MakeDirectory("/d") }.ToAsyncEnumerable(), Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.RemoveContextAsync(name, Token));
        (await Service.GetContextAsync(context, Token)).ShouldBe(context);
    }

    [Fact]
    public async Task A_context_cannot_be_named_like_another_ones_id()
    {
        var (first, second) = (await NewContextAsync(), await NewContextAsync());
        (await FailsAsync(AgbErrorIds.InvalidContextName, () => Service.CreateContextAsync(first.Id, cancellationToken: Token)))
            .Message.ShouldContain(first.Name);
        await FailsAsync(AgbErrorIds.InvalidContextName, () => Service.CreateContextAsync(first.Id, getExisting: true, Token));
        await FailsAsync(AgbErrorIds.InvalidContextName, () => Service.RenameContextAsync(second, first.Id, Token));
        (await Service.RenameContextAsync(first, first.Id, Token)).Id.ShouldBe(first.Id);
        // A repeated removal finds no other context.
        await Service.RemoveContextAsync(first, Token);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.RemoveContextAsync(first, Token));
        (await Service.GetContextAsync(second, Token)).Name.ShouldBe(second.Name);
    }

    [Fact]
    public async Task The_list_has_every_context_by_name()
    {
        var name = UniqueName();
        foreach (var end in (string[])["b", "c", "a"])
        {
            await CreateContextAsync($"{name}-{end}");
        }
        var names = await Service.ListContextsAsync(Token).Select(c => c.Name).Where(n => n.StartsWith(name)).ToListAsync(Token);
        names.ShouldBe([$"{name}-a", $"{name}-b", $"{name}-c"]);
    }

    [Fact]
    public async Task Contexts_come_in_pages_that_stay_right_when_others_come_and_go()
    {
        // Contexts of other tests have other names, and may appear and vanish meanwhile.
        var name = UniqueName();
        var contexts = new List<AgbContext>();
        foreach (var end in (string[])["a", "b", "c", "d\u00e9", "d\U0001F600"])
        {
            contexts.Add(await CreateContextAsync($"{name}-{end}"));
        }
        var first = await Service.ListContextPageAsync($"{name}-", 2, Token);
        first.Items.Select(c => c.Id).ShouldBe(contexts.Take(2).Select(c => c.Id));
        first.HasMore.ShouldBeTrue();
        first.Total.ShouldBeGreaterThanOrEqualTo(5);

        await Service.RemoveContextAsync(contexts[1], Token);
        await CreateContextAsync($"{name}-aa");
        var second = await Service.ListContextPageAsync(first.Items[^1].Name, 2, Token);
        second.Items.Select(c => c.Name).ShouldBe([$"{name}-c", $"{name}-d\u00e9"]);
        (await Service.ListContextPageAsync(second.Items[^1].Name, 1, Token)).Items.ShouldHaveSingleItem().ShouldBe(contexts[4]);
        var atEnd = await Service.ListContextPageAsync("\U0010FFFF", 1000, Token);
        (atEnd.Items.Count, atEnd.HasMore).ShouldBe((0, false));
        (await Service.ListContextPageAsync(null, int.MaxValue, Token)).Items.Select(c => c.Name).ShouldContain($"{name}-aa");
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Service.ListContextPageAsync(null, 0, Token));
    }

    [Fact]
    public async Task A_removed_context_is_gone()
    {
        var context = await NewContextAsync();
        await Service.RemoveContextAsync(context, Token);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextAsync(context, Token));
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.FindContextAsync(context.Name, Token));
        (await Service.ListContextsAsync(Token).Select(c => c.Id).ToListAsync(Token)).ShouldNotContain(context.Id);
    }

    [Fact]
    public async Task A_removed_contexts_name_is_free_and_its_data_does_not_come_back()
    {
        var first = await NewContextAsync();
        await FillAsync(first, "/home/data", "echo old >f");
        await Service.RemoveContextAsync(first, Token);
        var second = await CreateContextAsync(first.Name);
        second.Id.ShouldNotBe(first.Id);
        (await StoredAsync(second, "/home/data")).ShouldBeEmpty();
        (await VersionsAsync(second)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_existing_context_is_returned_when_asked_for()
    {
        var context = await NewContextAsync();
        var again = await CreateContextAsync(context.Name, getExisting: true);
        again.Id.ShouldBe(context.Id);
    }

    [Fact]
    public async Task Asking_for_an_existing_context_creates_it_when_there_is_none()
    {
        var name = UniqueName();
        var context = await CreateContextAsync(name, getExisting: true);
        (await Service.FindContextAsync(name, Token)).Id.ShouldBe(context.Id);
    }

    [Fact]
    public async Task A_name_is_trimmed()
    {
        var name = UniqueName();
        var context = await CreateContextAsync($"  {name}\t");
        context.Name.ShouldBe(name);
        (await Service.FindContextAsync(name, Token)).Id.ShouldBe(context.Id);
    }

    [Theory]
    [InlineData("it's \"quoted\" & $HOME; `x`")]
    [InlineData("Überblick 数据 😀")]
    [InlineData("a/b\\c:d,e=f")]
    [InlineData("%_*?[x]")]
    public async Task A_name_may_hold_any_printable_character(string end)
    {
        var name = $"{UniqueName()} {end}";
        var context = await CreateContextAsync(name);
        (await Service.FindContextAsync(name, Token)).ShouldBe(context);
    }

    [Fact]
    public async Task A_name_may_have_255_characters()
    {
        var name = UniqueName().PadRight(255, 'x');
        await CreateContextAsync(name);
        (await Service.FindContextAsync(name, Token)).Name.ShouldBe(name);
    }

    [Fact]
    public async Task Of_many_creations_of_one_name_at_once_one_succeeds()
    {
        var name = UniqueName();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            try
            {
                return (await CreateContextAsync(name)).Id;
            }
            catch (AgbException e)
            {
                return e.ErrorId;
            }
        }));
        outcomes.Count(o => o == AgbErrorIds.ContextAlreadyExists).ShouldBe(7);
        outcomes.Count(o => o.StartsWith("SdkCtx-")).ShouldBe(1);
    }

    [Fact]
    public async Task Many_askings_for_one_name_at_once_get_the_same_context()
    {
        var name = UniqueName();
        var contexts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => CreateContextAsync(name, getExisting: true)));
        contexts.Select(c => c.Id).Distinct().Count().ShouldBe(1);
    }

    [Fact]
    public async Task Mounting_a_context_is_using_it()
    {
        var context = await NewContextAsync();
        await Eventually.HoldsAsync("the clock has moved on", () => DateTimeOffset.UtcNow - context.LastUsedAt > TimeSpan.FromMilliseconds(2));
        await StartAsync(context.At("/home/data"));
        (await Service.GetContextAsync(context, Token)).LastUsedAt.ShouldBeGreaterThan(context.LastUsedAt);
    }

    [Fact]
    public async Task A_context_is_kept_while_a_session_mounts_it_and_can_be_removed_after()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At("/home/data"));
        await ShellAsync(session, "echo kept >f", "/home/data");
        var error = await RefusesAsync(AgbErrorIds.ContextInUse, () => Service.RemoveContextAsync(context, Token));
        error.Message.ShouldContain(session.SessionId);
        (await ShellAsync(session, "cat f", "/home/data")).ShouldBe("kept");
        await ReleaseAsync(session);
        await Service.RemoveContextAsync(context, Token);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.GetContextAsync(context, Token));
    }

    [Fact]
    public async Task A_context_without_uploads_has_no_paths()
    {
        var context = await NewContextAsync();
        (await Service.GetContextPathsAsync(context, Token)).ShouldBeEmpty();
    }

    [Fact]
    public async Task The_paths_of_a_context_are_those_that_data_was_uploaded_under()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/srv/b", "echo 1 >f");
        await FillAsync(context, "/home/a", "echo 1 >f");
        var mapped = await StartAsync(context.At("/home/elsewhere", from: "/home/a"));
        await ShellAsync(mapped, "echo 2 >g", "/home/elsewhere");
        await ReleaseAsync(mapped);
        (await Service.GetContextPathsAsync(context, Token)).ShouldBe(["/home/a", "/srv/b"]);
    }

    [Fact]
    public async Task A_path_whose_data_was_all_deleted_is_no_longer_one()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/home/a", "echo 1 >f");
        await FillAsync(context, "/home/a", "rm f");
        (await Service.GetContextPathsAsync(context, Token)).ShouldBeEmpty();
    }
}
