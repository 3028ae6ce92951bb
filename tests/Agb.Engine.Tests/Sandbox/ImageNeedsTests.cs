namespace Agb.Engine.Tests.Sandbox;

/// <summary>What an image's sessions offer, by the programs in its root directory.</summary>
public sealed class ImageNeedsTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("agb-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void A_root_without_programs_lacks_them_and_says_how_to_get_them()
    {
        var image = ImageNeeds.Describe(Image with { HasBrowser = true, HasDesktop = true });

        image.Languages.ShouldBeEmpty();
        image.Missing.ShouldContain("chromium");
        image.Missing.ShouldContain("Xvfb");
        image.Remedy.ShouldNotBeNull().ShouldContain("chromium");
        Should.Throw<AgbException>(() => ImageNeeds.RequireBrowser(image, prefersChrome: false)).ErrorId.ShouldBe(AgbErrorIds.HostNotReady);
        Should.Throw<AgbException>(() => ImageNeeds.RequireDesktop(image)).Message.ShouldContain("openbox");
    }

    [Fact]
    public void A_browser_is_enough_for_a_browser_whatever_its_network_and_desktop_lack()
    {
        Add("usr/lib/chromium/chromium");
        Add("usr/bin/node");

        ImageNeeds.RequireBrowser(Image with { HasBrowser = true, HasDesktop = true }, prefersChrome: true).ShouldBe("/usr/lib/chromium/chromium");
        var image = ImageNeeds.Describe(Image with { HasBrowser = true });
        image.Languages.ShouldBe([AgbCodeLanguage.Javascript]);
        image.Missing.ShouldNotContain("chromium");
        (image.Missing.Count == 0).ShouldBe(OwnNetwork.Missing() is null);
        (image.Remedy is null).ShouldBe(OwnNetwork.Missing() is null);
    }

    [Fact]
    public void An_image_for_code_lacks_nothing() => ImageNeeds.Describe(Image).Missing.ShouldBeEmpty();

    private AgbImage Image => new() { ImageId = "mine", Root = _root, HomeDirectory = "/home/me" };

    private void Add(string path)
    {
        var file = Path.Combine(_root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "");
    }
}
