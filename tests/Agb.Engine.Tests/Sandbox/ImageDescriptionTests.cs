using Microsoft.Extensions.Time.Testing;

namespace Agb.Engine.Tests.Sandbox;

/// <summary>What images offer on a host is read anew after a few seconds.</summary>
public sealed class ImageDescriptionTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agb-image-").FullName;

    [Fact]
    public void A_description_is_used_for_a_few_seconds()
    {
        var clock = new FakeTimeProvider();
        var descriptions = new ImageDescriptions(clock);
        var image = new AgbImage { ImageId = "mine", HomeDirectory = "/home/me", Root = _root };
        descriptions.Describe(image).Languages.ShouldBeEmpty();
        Directory.CreateDirectory(Path.Combine(_root, "usr/bin"));
        File.WriteAllText(Path.Combine(_root, "usr/bin/python3"), "");

        clock.Advance(ImageDescriptions.MaxAge - TimeSpan.FromTicks(1));
        descriptions.Describe(image).Languages.ShouldBeEmpty();
        descriptions.Describe(image with { HasBrowser = true }).Languages.ShouldBe([AgbCodeLanguage.Python]);
        clock.Advance(TimeSpan.FromTicks(1));
        descriptions.Describe(image with { ImageId = "other" }).ShouldBe(image with { ImageId = "other", Languages = descriptions.Describe(image).Languages });
        descriptions.Describe(image).Languages.ShouldBe([AgbCodeLanguage.Python]);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_root, recursive: true);
}
