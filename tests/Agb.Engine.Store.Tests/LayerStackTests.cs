namespace Agb.Engine.Store.Tests;

public sealed class LayerStackTests
{
    [Theory]
    [InlineData("c b a", "", "c b a")]
    [InlineData("c b a", "b a", "c b")]
    [InlineData("c b a", "d c b a", "")]
    [InlineData("b a", "c b a", "")]
    [InlineData("b a", "xb a", "b")]
    [InlineData("xb a", "b a", "xb")]
    [InlineData("d zb a", "d yb a", "d zb")]
    [InlineData("c b a", "c b a", "")]
    [InlineData("b a", "b c", "b a")]
    [InlineData("", "a", "")]
    public void What_another_stack_has_at_its_bottom_is_left_out(string stack, string other, string expected) =>
        string.Join(' ', LayerStack.ParseOther(stack, other)).ShouldBe(expected);

    [Fact]
    public void Nothing_is_left_out_over_many_stacks_in_a_row()
    {
        string[] stacks = ["e d c b a", "d c b a", "m a", "f m a", "a", "", "g b a"];
        var seen = new HashSet<string>();
        var last = "";
        foreach (var stack in stacks)
        {
            seen.UnionWith(LayerStack.ParseOther(stack, last));
            LayerStack.Parse(stack).Except(seen).ShouldBeEmpty();
            last = stack;
        }
    }
}
