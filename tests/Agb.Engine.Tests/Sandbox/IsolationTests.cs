namespace Agb.Engine.Tests.Sandbox;

public sealed class IsolationTests : SandboxTest
{
    [Fact]
    public async Task Sees_only_its_own_processes()
    {
        var session = await StartAsync();
        var names = await session.OutputAsync("cat /proc/[0-9]*/comm");
        names.Split('\n').ShouldAllBe(n => n == "launcher" || n == "bash" || n == "cat");
        await session.FailureAsync($"kill -0 {Environment.ProcessId}");
        await session.FailureAsync($"[ -e /proc/{Environment.ProcessId} ] && [ {Environment.ProcessId} -gt 100 ]");
    }

    [Fact]
    public async Task Sees_no_home_of_the_host_and_not_the_engines_directory()
    {
        var secret = Path.Combine(Home, "secret");
        await File.WriteAllTextAsync(secret, "secret", Token);
        var session = await StartAsync();
        await session.OutputAsync($"[ ! -e '{Home}' ]");
        (await session.OutputAsync("ls -A /home")).ShouldBe("code");
        (await session.OutputAsync("ls -A /root | wc -l")).ShouldBe("0");
        (await session.OutputAsync("ls -A / | tr '\\n' ' '")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Except(["bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr", "etc", "opt", "nix", "dev", "proc", "run", "tmp", "var", "home", "root", "mnt", "srv"])
            .ShouldBeEmpty();
        (await session.OutputAsync("ls -A /run")).ShouldBe("lock");
        (await session.OutputAsync("cat /proc/self/mountinfo")).ShouldNotContain("/secret");
    }

    [Fact]
    public async Task Hides_the_engines_directory_where_a_tree_of_the_image_would_show_it()
    {
        // A stand-in for an engine directory below /opt or /usr: the image's root lies beside it.
        var root = Path.Combine(Home, "image");
        foreach (var name in new[] { "usr", "etc", "opt/agb/store" })
        {
            Directory.CreateDirectory(Path.Combine(root, name));
        }
        await File.WriteAllTextAsync(Path.Combine(root, "opt/agb/store/secret"), "secret", Token);
        var image = CodeImage with { Root = root };
        var session = NewSession(image, overlay: false);
        var arguments = BubblewrapArguments.Build(session.Spec with { AgbHome = Path.Combine(root, "opt/agb") }, ImageRoot.Inspect(root));
        var text = string.Join(' ', arguments);
        text.ShouldContain("--tmpfs /opt/agb");
        text.IndexOf("--tmpfs /opt/agb", StringComparison.Ordinal)
            .ShouldBeGreaterThan(text.IndexOf("/opt /opt", StringComparison.Ordinal), "what is later lies on top");
    }

    [Fact]
    public async Task Has_a_host_name_of_its_own()
    {
        var session = await StartAsync();
        var name = await session.OutputAsync("uname -n");
        name.ShouldBe(SessionEtc.HostName(session.Spec.SessionId));
        name.ShouldNotBe(Environment.MachineName);
        name.Length.ShouldBeLessThanOrEqualTo(63);
        (await session.OutputAsync("cat /etc/hostname")).ShouldBe(name);
        (await session.OutputAsync("getent hosts localhost | wc -l")).ShouldBe("1");
        await session.OutputAsync($"grep -q {name} /etc/hosts");
    }

    [Theory]
    [InlineData("s-ABC_1.2", "s-abc-1-2")]
    [InlineData("---", "session")]
    [InlineData("ä", "session")]
    public void Makes_a_host_name_of_any_id(string id, string expected) => SessionEtc.HostName(id).ShouldBe(expected);

    [Fact]
    public void Cuts_a_long_host_name_at_its_beginning()
    {
        var name = SessionEtc.HostName(new string('a', 80) + "-end");
        name.Length.ShouldBe(63);
        name.ShouldEndWith("a-end");
    }

    [Fact]
    public async Task Two_sessions_share_nothing()
    {
        var (a, b) = (await StartAsync(), await StartAsync());
        foreach (var directory in new[] { "/tmp", "/var/tmp", "/home/code", "/dev/shm", "/run" })
        {
            await a.OutputAsync($"echo mine > {directory}/file");
            await b.OutputAsync($"[ ! -e {directory}/file ]");
        }
        Path.Exists("/tmp/file").ShouldBeFalse();
        var links = "for n in pid mnt ipc uts user cgroup; do readlink /proc/self/ns/$n; done";
        var (left, right) = ((await a.OutputAsync(links)).Split('\n'), (await b.OutputAsync(links)).Split('\n'));
        left.Intersect(right).ShouldBeEmpty();
        await a.OutputAsync("sleep 1000 >/dev/null 2>&1 & echo $! > /tmp/pid");
        await b.OutputAsync("[ $(cat /proc/[0-9]*/comm | grep -c sleep) = 0 ]");
    }

    [Fact]
    public async Task Has_the_hosts_network_or_none()
    {
        var with = await StartAsync();
        var without = await StartAsync(network: AgbNetwork.None);
        const string Devices = "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '";
        (await with.OutputAsync("readlink /proc/self/ns/net")).ShouldBe(new FileInfo("/proc/self/ns/net").LinkTarget);
        (await without.OutputAsync(Devices)).ShouldBe("lo");
        (await without.OutputAsync("cat /etc/resolv.conf")).ShouldBe("");
        if (File.Exists("/etc/resolv.conf"))
        {
            (await with.OutputAsync("cat /etc/resolv.conf")).ShouldBe((await File.ReadAllTextAsync("/etc/resolv.conf", Token)).TrimEnd('\n'));
        }
    }

    [Fact]
    public async Task Changes_of_the_system_stay_in_the_session()
    {
        await RequireOverlayAsync();
        var (a, b) = (await StartAsync(), await StartAsync());
        var marker = $"agb-test-{Guid.NewGuid():n}";
        await a.OutputAsync($"echo '#!/bin/sh' > /usr/bin/{marker}; chmod +x /usr/bin/{marker}; {marker}");
        await a.OutputAsync($"echo x > /usr/local/bin/{marker}; echo x > /etc/{marker}; mkdir /usr/local/share/{marker}");
        await a.OutputAsync("rm /usr/bin/env && [ ! -e /usr/bin/env ]; echo mine > /etc/new && mv /etc/new /etc/services");
        await b.OutputAsync($"[ -e /usr/bin/env ] && [ ! -e /usr/bin/{marker} ] && [ \"$(head -c 4 /etc/services)\" != mine ]");
        File.Exists("/usr/bin/env").ShouldBeTrue();
        foreach (var path in new[] { $"/usr/bin/{marker}", $"/usr/local/bin/{marker}", $"/etc/{marker}", $"/usr/local/share/{marker}" })
        {
            Path.Exists(path).ShouldBeFalse(path);
        }
        // Files of the host's root are not the session's to change in place.
        await b.FailureAsync("echo x >> /etc/services");
    }

    [Fact]
    public async Task Without_overlays_the_system_is_read_only()
    {
        var session = await StartAsync(overlay: false);
        foreach (var directory in new[] { "/usr", "/usr/bin", "/etc" })
        {
            (await session.FailureAsync($"touch {directory}/x")).ShouldContain("Read-only file system");
        }
        (await session.OutputAsync("id -un; cat /etc/hostname")).ShouldBe($"agb\n{SessionEtc.HostName(session.Spec.SessionId)}");
        await session.OutputAsync("touch /tmp/x /var/tmp/x ~/x");
    }

    [Fact]
    public async Task The_user_is_known_by_name_and_has_a_home()
    {
        var image = ImageCatalog.Load(Home).Get("agb-browser-use-1");
        var session = await StartAsync(image);
        (await session.OutputAsync("id -un; id -gn; id -u; echo ~; echo $HOME; echo $USER; stat -c %U ~")).Split('\n')
            .ShouldBe(["agb", "agb", "1000", "/home/browser", "/home/browser", "agb", "agb"]);
        (await session.OutputAsync("getent passwd agb")).ShouldStartWith("agb:x:1000:1000:");
        (await session.OutputAsync("echo $AGB_IMAGE_ID")).ShouldBe("agb-browser-use-1");
        await session.OutputAsync("touch ~/x && mkdir -p ~/a/b");
    }

    [Theory]
    [InlineData("/root")]
    [InlineData("/home/a/b")]
    [InlineData("/data/me")]
    public async Task A_home_may_lie_anywhere(string home)
    {
        var session = await StartAsync(CodeImage with { HomeDirectory = home, Environment = new Dictionary<string, string>() });
        (await session.OutputAsync("pwd; echo $HOME; touch x && stat -c %U x")).ShouldBe($"{home}\n{home}\nagb");
    }

    [Fact]
    public async Task Orphans_are_reaped_by_the_first_process()
    {
        var session = await StartAsync();
        await session.OutputAsync("for i in 1 2 3 4 5; do (sh -c 'exit 0' & ); done");
        await session.WaitUntilAsync("! grep -l '^State:.Z' /proc/[0-9]*/status >/dev/null 2>&1");
    }
}
