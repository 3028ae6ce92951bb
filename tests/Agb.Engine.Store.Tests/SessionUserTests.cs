namespace Agb.Engine.Store.Tests;

public sealed class SessionUserTests : IDisposable
{
    private readonly StorePaths _paths = new(Directory.CreateTempSubdirectory("agb-session-user-").FullName);

    private string Note => Path.Combine(_paths.Home, "session-user");

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    public void The_user_is_noted_where_no_note_is_and_after_a_power_cut_that_emptied_it(string? left)
    {
        Assert.SkipUnless(SandboxIdentity.IsRoot, "An ordinary user's store has no such note.");
        if (left is not null)
        {
            File.WriteAllText(Note, left);
        }

        SessionUser.Require(_paths);

        File.ReadAllText(Note).ShouldBe($"{SandboxIdentity.HostUid}:{SandboxIdentity.HostGid}\n");
        SessionUser.Require(_paths);
    }

    [Fact]
    public void Another_user_is_refused()
    {
        Assert.SkipUnless(SandboxIdentity.IsRoot, "An ordinary user's store has no such note.");
        File.WriteAllText(Note, "1:2\n");

        Should.Throw<AgbException>(() => SessionUser.Require(_paths)).ErrorId.ShouldBe(AgbErrorIds.HostNotReady);

        File.ReadAllText(Note).ShouldBe("1:2\n");
    }

    public void Dispose() => Directory.Delete(_paths.Home, recursive: true);
}
