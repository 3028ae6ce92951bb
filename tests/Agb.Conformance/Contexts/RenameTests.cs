namespace Agb.Conformance.Contexts;

/// <summary>Tests of renaming contexts.</summary>
[RunsOn(Services.Overlay | Services.Server, Long = Services.Copy)]
public sealed class RenameTests : ServiceTest
{
    [Fact]
    public async Task A_renamed_context_is_the_same_one_under_another_name()
    {
        var context = await NewContextAsync();
        await FillAsync(context, "/home/data", "echo kept >f");
        var before = await Service.GetContextAsync(context, Token);
        var name = UniqueName();

        var renamed = await Service.RenameContextAsync(context, $" {name} ", Token);

        renamed.ShouldBe(before with { Name = name });
        (await Service.FindContextAsync(name, Token)).ShouldBe(renamed);
        (await Service.GetContextAsync(context, Token)).ShouldBe(renamed);
        await FailsAsync(AgbErrorIds.ContextNotFound, () => Service.FindContextAsync(context.Name, Token));
        (await StoredAsync(renamed, "/home/data")).ShouldBe(["f=kept"]);
    }

    [Fact]
    public async Task The_name_that_a_context_had_is_free()
    {
        var context = await NewContextAsync();
        await Service.RenameContextAsync(context, UniqueName(), Token);
        (await CreateContextAsync(context.Name)).Id.ShouldNotBe(context.Id);
    }

    [Fact]
    public async Task A_context_may_be_given_its_own_name()
    {
        var context = await NewContextAsync();
        (await Service.RenameContextAsync(context, context.Name, Token)).ShouldBe(context);
    }

    [Fact]
    public async Task A_name_that_another_context_has_is_refused()
    {
        var (a, b) = (await NewContextAsync(), await NewContextAsync());
        await RefusesAsync(AgbErrorIds.ContextAlreadyExists, () => Service.RenameContextAsync(a, b.Name, Token));
    }

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("a\nb")]
    public async Task A_name_that_is_not_allowed_is_refused(string name)
    {
        var context = await NewContextAsync();
        await RefusesAsync(AgbErrorIds.InvalidContextName, () => Service.RenameContextAsync(context, name, Token));
    }

    [Fact]
    public async Task An_unknown_context_is_not_renamed() =>
        await RefusesAsync(AgbErrorIds.ContextNotFound, () => Service.RenameContextAsync(new ContextId("SdkCtx-none"), UniqueName(), Token));
}
