using Agb.Engine.Tests.Conformance;

namespace Agb.Engine.Tests.Store;

/// <summary>The home directory is its owner's alone.</summary>
public sealed class HomeDirectoryTests
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_closed_to_other_users_whoever_makes_it(bool hostIsCheckedFirst)
    {
        var home = new TemporaryHome();
        try
        {
            if (hostIsCheckedFirst && await home.WhyNotAsync(needsOverlay: false) is { } reason)
            {
                Assert.Skip(reason);
            }
            using (EmbeddedService.Open(new EmbeddedOptions { HomeDirectory = home.Path }))
            {
                File.GetUnixFileMode(home.Path).ShouldBe(OwnerOnly);
            }
        }
        finally
        {
            home.Delete();
        }
    }
}
