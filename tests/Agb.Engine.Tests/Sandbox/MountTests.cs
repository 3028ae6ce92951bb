namespace Agb.Engine.Tests.Sandbox;

/// <summary>Context mounts.</summary>
public sealed class MountTests : SandboxTest
{
    [Fact]
    public async Task An_overlay_shows_its_layers_and_keeps_changes_in_the_upper_directory()
    {
        await RequireOverlayAsync();
        var top = Layer("top", ("a.txt", "top"), ("only-top", "1"));
        var bottom = Layer("bottom", ("a.txt", "bottom"), ("gone.txt", "x"), ("dir/b", "y"));
        var session = NewSession(mounts: new SandboxMount("/home/data", "m0", 2));
        Link(session, "m0", top, bottom);
        await session.StartAsync();
        (await session.OutputAsync("cd /home/data && cat a.txt && ls")).ShouldBe("topa.txt\ndir\ngone.txt\nonly-top");
        await session.OutputAsync("cd /home/data && echo changed > a.txt && rm gone.txt && rm -r dir && mkdir dir && touch dir/new && echo n > new");
        var upper = Path.Combine(session.Directory, "m0/upper");
        (await File.ReadAllTextAsync(Path.Combine(upper, "a.txt"), Token)).ShouldBe("changed\n");
        Directory.GetFileSystemEntries(upper).Select(Path.GetFileName).Order().ShouldBe(["a.txt", "dir", "gone.txt", "new"]);
        (await File.ReadAllTextAsync(Path.Combine(top, "a.txt"), Token)).ShouldBe("top");
        File.Exists(Path.Combine(bottom, "gone.txt")).ShouldBeTrue();
    }

    [Fact]
    public async Task Takes_a_hundred_layers()
    {
        await RequireOverlayAsync();
        var layers = Enumerable.Range(0, 100).Select(i => Layer($"layer{i}", ($"f{i}", "x"))).ToArray();
        var session = NewSession(mounts: new SandboxMount("/home/data", "m0", layers.Length));
        Link(session, "m0", layers);
        await session.StartAsync();
        (await session.OutputAsync("ls /home/data | wc -l")).ShouldBe("100");
    }

    [Fact]
    public async Task A_mount_without_layers_is_empty_and_writable()
    {
        await RequireOverlayAsync();
        var session = await StartAsync(mounts: new SandboxMount("/home/data", "m0", 0));
        (await session.OutputAsync("ls -A /home/data | wc -l; touch /home/data/x; stat -c '%U %a' /home/data")).ShouldBe("0\nagb 755");
    }

    [Theory]
    [InlineData("/home/data")]
    [InlineData("/home/code")]
    [InlineData("/home/code/deep/er")]
    [InlineData("/tmp/mapping")]
    [InlineData("/var/tmp/x")]
    [InlineData("/var/www")]
    [InlineData("/opt/new/one")]
    [InlineData("/data")]
    [InlineData("/mnt/x")]
    [InlineData("/srv/a b'c\"d")]
    [InlineData("/root/x")]
    public async Task Mounts_may_lie_anywhere(string target)
    {
        foreach (var overlay in new[] { true, false })
        {
            if (overlay && !await HostProbe.CanOverlayAsync(Home, Token))
            {
                continue;
            }
            var mounts = new[] { new SandboxMount(target, "m0", null), new SandboxMount("/tmp/other", "m1", overlay ? 0 : null) };
            var session = await StartAsync(overlay: overlay, mounts: mounts);
            var outcome = await session.RunAsync(new AgbCommandRequest
            {
                Command = "echo x > file && pwd", WorkingDirectory = target,
            });
            outcome.ErrorText().ShouldBe("");
            outcome.Text().ShouldBe(target + "\n");
            File.Exists(Path.Combine(session.Directory, "m0/data/file")).ShouldBeTrue();
            await session.OutputAsync("touch /tmp/other/y ~/z");
        }
    }

    [Fact]
    public async Task Files_made_in_a_session_belong_to_its_user_on_the_host()
    {
        var session = await StartAsync(mounts: new SandboxMount("/home/data", "m0", null));
        await session.OutputAsync("umask; touch /home/data/file; mkdir /home/data/dir; stat -c '%u %a' /home/data/file /home/data/dir");
        // The session's own files can be run.
        await session.OutputAsync("printf '#!/bin/sh\\necho ran\\n' > /home/data/run; chmod +x /home/data/run; /home/data/run");
    }

    private string Layer(string name, params (string Path, string Text)[] files)
    {
        var root = Path.Combine(Home, "layers", name);
        Directory.CreateDirectory(root);
        Own(root);
        foreach (var (path, text) in files)
        {
            var full = Path.Combine(root, path);
            if (Path.GetDirectoryName(full) is { } parent && parent != root)
            {
                Directory.CreateDirectory(parent);
                Own(parent);
            }
            File.WriteAllText(full, text);
            Own(full);
        }
        return root;
    }

    private static void Link(TestSession session, string name, params string[] layers)
    {
        var directory = Path.Combine(session.Directory, name);
        Directory.CreateDirectory(directory);
        for (var i = 0; i < layers.Length; i++)
        {
            File.CreateSymbolicLink(Path.Combine(directory, $"l{i}"), layers[i]);
        }
    }

    private static void Own(string path)
    {
        if (SandboxIdentity.IsRoot)
        {
            ProcessFiles.SetOwner(path, SandboxIdentity.HostUid, SandboxIdentity.HostGid);
        }
    }
}
