namespace Agb.Conformance.Sessions;

/// <summary>Tests of forks: sessions with the files of another one at one moment.</summary>
[RunsOn(Services.Overlay | Services.Copy | Services.Server | Services.UserOverlay, Long = Services.UserCopy)]
public sealed class ForkTests : ServiceTest
{
    private const string Path = "/home/data";

    private ISessionForkService Forks => (ISessionForkService)Service;

    [Fact]
    public async Task A_fork_has_the_files_of_the_session_and_its_own_from_then_on()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir -p d/e; echo stored >d/e/f; echo gone >gone; echo old >replaced; mkdir dir; echo 1 >dir/in");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm gone; echo new >replaced; rm -r dir; mkdir dir; echo 2 >dir/other; ln -s d/e link; mkdir empty", Path);
        await ShellAsync(session, "echo t >/tmp/t; mkdir -p ~/w/x; echo h >~/w/x/h; echo v >/var/tmp/v; echo r >/srv/r; echo s >/dev/shm/s");
        var before = await TreeAsync(session, Path);

        var forks = await ForkAsync(session, 3);

        forks.Select(f => f.SessionId).Distinct().Count().ShouldBe(3);
        foreach (var fork in forks)
        {
            (await TreeAsync(fork, Path)).ShouldBe(before);
            (await ShellAsync(fork, "cat /tmp/t ~/w/x/h /var/tmp/v /srv/r /dev/shm/s")).ShouldBe("t\nh\nv\nr\ns");
        }
        await ShellAsync(forks[0], $"echo 0 >{Path}/d/e/f; echo 0 >/tmp/t; rm -r ~/w; echo 0 >{Path}/only0");
        await ShellAsync(session, $"echo mine >{Path}/d/e/f; echo mine >/tmp/t; echo mine >~/w/x/h");
        (await ShellAsync(forks[1], $"cat {Path}/d/e/f /tmp/t ~/w/x/h; ls {Path}/only0 2>&1 | wc -l")).ShouldBe("stored\nt\nh\n1");
        (await ShellAsync(session, $"cat {Path}/d/e/f /tmp/t ~/w/x/h; ls {Path}")).ShouldBe("mine\nmine\nmine\nd\ndir\nempty\nlink\nreplaced");
        (await TreeAsync(forks[0], Path)).ShouldContain("only0=0");
    }

    [Fact]
    public async Task A_fork_has_image_labels_limits_and_times_of_the_session_and_names_it()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(new AgbSessionRequest
        {
            ContextSyncs = [context.At(Path)],
            Labels = new Dictionary<string, string> { ["purpose"] = "fork" },
            IdleTimeout = TimeSpan.FromMinutes(30),
            MaxLifetime = TimeSpan.FromHours(2),
            Limits = new AgbSessionLimits { OpenFiles = 200 },
        });

        var fork = (await ForkAsync(session))[0];

        fork.ForkedFrom.ShouldBe(session.SessionId);
        fork.Status.ShouldBe(AgbSessionStatus.Running);
        (fork.ImageId, fork.Network, fork.IdleTimeout, fork.Limits).ShouldBe((session.ImageId, session.Network, session.IdleTimeout, session.Limits));
        fork.Labels.ShouldBe(session.Labels);
        fork.ContextSyncs.Select(s => (s.ContextId, s.Path)).ShouldBe(session.ContextSyncs.Select(s => (s.ContextId, s.Path)));
        (fork.ExpiresAt - fork.CreatedAt).ShouldBe(TimeSpan.FromHours(2));
        (await ShellAsync(fork, "ulimit -n; hostname")).ShouldStartWith("200\n");
        (await ShellAsync(fork, "hostname")).ShouldNotBe(await ShellAsync(session, "hostname"));
        (await Service.GetSessionAsync(fork, Token)).ForkedFrom.ShouldBe(session.SessionId);
        session.ForkedFrom.ShouldBeNull();
    }

    [Fact]
    public async Task A_fork_uploads_when_a_sync_asks_for_it_alone()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >kept; echo 1 >gone; mkdir d; echo 1 >d/f");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "rm gone; echo 2 >d/f; mkdir -p n/m; echo n >n/m/new", Path);
        var forks = await ForkAsync(session, 2);
        await ShellAsync(forks[0], "echo loser >loser", Path);
        await ShellAsync(forks[1], "echo winner >winner; rm n/m/new; echo w >n/m/w", Path);

        await ReleaseAsync(forks[0]);
        (await VersionsAsync(context)).Count.ShouldBe(1);
        var upload = await UploadAsync(forks[1]);

        upload.Version.ShouldBe(2);
        (await UploadAsync(forks[1])).Version.ShouldBeNull();
        await ReleaseAsync(forks[1]);
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/f=2", "kept=1", "n/", "n/m/", "n/m/w=w", "winner=winner"]);
        (await VersionsAsync(context)).Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_dismount_or_switch_in_a_fork_uploads_on_request_alone()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >file");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo 2 >file", Path);
        var forks = await ForkAsync(session, 2);
        var mounts = (ISessionMountService)Service;

        (await FailsAsync(AgbErrorIds.UnsavedChanges, () => mounts.DismountContextAsync(forks[0], new AgbMountChange { Path = Path }, Token)))
            .Message.ShouldContain("a fork uploads only on request");
        await FailsAsync(AgbErrorIds.UnsavedChanges, () => mounts.SwitchContextAsync(forks[0], new AgbMountChange { Path = Path }, Token));

        (await VersionsAsync(context)).Count.ShouldBe(1);
        (await ShellAsync(forks[0], "echo 3 >file; cat file", Path)).ShouldBe("3");
        await mounts.DismountContextAsync(forks[0], new AgbMountChange { Path = Path, Changes = AgbReleaseMode.Discard }, Token);
        (await VersionsAsync(context)).Count.ShouldBe(1);
        await mounts.DismountContextAsync(forks[1], new AgbMountChange { Path = Path, Changes = AgbReleaseMode.Upload }, Token);
        (await StoredAsync(context, Path)).ShouldBe(["file=2"]);
        await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);
    }

    [Fact]
    public async Task Files_uploaded_before_the_fork_are_not_uploaded_again()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "mkdir d; for i in 1 2 3 4; do echo $i >d/$i; done; echo x >x", Path);
        await UploadAsync(session);
        await ShellAsync(session, "rm x; echo 5 >d/5", Path);
        var fork = (await ForkAsync(session))[0];
        await ShellAsync(fork, "echo 6 >d/6; rm d/1", Path);

        var upload = await UploadAsync(fork);

        (upload.Version, upload.Files).ShouldBe((2, 4));
        (await StoredAsync(context, Path)).ShouldBe(["d/", "d/2=2", "d/3=3", "d/4=4", "d/5=5", "d/6=6"]);
        (await UploadAsync(session)).Files.ShouldBe(2);
    }

    [Fact]
    public async Task Forks_of_forks_work_also_when_the_session_is_gone()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; for i in $(seq 12); do echo s >d/s$i; done");
        var session = await StartAsync(context.At(Path));
        for (var depth = 1; depth <= 11; depth++)
        {
            await ShellAsync(session, $"echo {depth} >{Path}/d/n{depth}; rm {Path}/d/s{depth}; echo {depth} >>/tmp/log; rm -rf ~/e; mkdir ~/e; echo {depth} >~/e/e{depth}");
            var fork = (await ForkAsync(session))[0];
            await Service.RemoveSessionAsync(session, AgbReleaseMode.Discard, Token);
            session = fork;
        }
        (await ShellAsync(session, $"ls {Path}/d | tr '\\n' ' '; cat /tmp/log | tr '\\n' ' '; ls ~/e")).ShouldBe("n1 n10 n11 n2 n3 n4 n5 n6 n7 n8 n9 s12 1 2 3 4 5 6 7 8 9 10 11 e11");
        (await UploadAsync(session)).Version.ShouldBe(2);
        (await AskAsync(context, Path, "ls d | tr '\\n' ' '")).ShouldBe("n1 n10 n11 n2 n3 n4 n5 n6 n7 n8 n9 s12 ");
    }

    [Fact]
    public async Task A_log_written_without_pause_stays_whole_and_a_fork_has_a_prefix_of_it()
    {
        var context = await NewContextAsync();
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, $"(i=0; while [ ! -e /tmp/stop ]; do i=$((i+1)); echo \"line $i\"; done; echo end) >{Path}/log 2>/dev/null </dev/null & sleep 0.3", Path);

        var forks = await ForkAsync(session, 2);

        await ShellAsync(session, $"touch /tmp/stop; until tail -n 1 {Path}/log | grep -q end; do sleep 0.05; done", Path);
        foreach (var file in new[] { (await ShellAsync(session, "head -n -1 log | awk '{ if ($2 != NR) { print \"wrong\", NR; exit } } END { print NR }'", Path)) })
        {
            int.Parse(file, System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(10);
        }
        foreach (var fork in forks)
        {
            await ShellAsync(fork, "test -s log && head -n -1 log | awk '{ if ($2 != NR) exit 1 }'; test ! -e /tmp/stop", Path);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Many_changes_are_shared_and_each_session_goes_on_with_its_own(bool isInUse)
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "mkdir d; for i in $(seq 700); do echo s >d/s$i; done; echo 1 >gone");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "for i in $(seq 600); do echo m >d/m$i; done; rm gone d/s1; mkdir ~/big; for i in $(seq 600); do echo h >~/big/h$i; done", Path);
        if (isInUse)
        {
            await ShellAsync(session, "nohup sh -c 'while [ ! -e stop ]; do sleep 0.05; done; echo late >d/late' >/dev/null 2>&1 </dev/null & sleep 0.2", Path);
        }
        for (var round = 1; round <= 2; round++)
        {
            var forks = await ForkAsync(session, 2);
            await ShellAsync(session, $"echo {round} >d/m1; rm d/m{round + 1}; echo {round} >d/new{round}; echo {round} >~/big/h1", Path);
            var expected = round == 1 ? "m 600 h 600 0" : "1 600 1 600 0";
            foreach (var fork in forks)
            {
                (await ShellAsync(fork, "echo $(cat d/m1) $(ls d | grep -c '^[mn]') $(cat ~/big/h1) $(ls ~/big | wc -l) $(ls gone d/s1 2>/dev/null | wc -l)", Path)).ShouldBe(expected);
                await ShellAsync(fork, "rm -r d; mkdir d; echo f >d/f; rm ~/big/h2", Path);
            }
            (await ShellAsync(session, "echo $(cat d/m1) $(ls d | grep -c '^[mn]') $(ls d/f 2>/dev/null | wc -l) $(ls ~/big | wc -l)", Path)).ShouldBe($"{round} 600 0 600");
            if (round == 2)
            {
                (await UploadAsync(forks[1])).Version.ShouldBe(2);
                (await StoredAsync(context, Path)).ShouldBe(["d/", "d/f=f"]);
            }
        }
        if (isInUse)
        {
            await ShellAsync(session, "touch stop; until [ -e d/late ]; do sleep 0.02; done; rm stop", Path);
        }
        (await UploadAsync(session)).Version.ShouldBe(3);
        (await UploadAsync(session)).Version.ShouldBeNull();
        await ReleaseAsync(session);
        (await AskAsync(context, Path, "echo $(ls d | grep -c '^m') $(cat d/m1 d/new2) $(ls d | grep -c late)")).ShouldBe($"598 2 2 {(isInUse ? 1 : 0)}");
    }

    [Fact]
    public async Task A_download_into_a_fork_keeps_its_changes()
    {
        var context = await NewContextAsync();
        await FillAsync(context, Path, "echo 1 >a; echo 1 >b; echo 1 >c");
        var session = await StartAsync(context.At(Path));
        await ShellAsync(session, "echo mine >a; rm c", Path);
        var fork = (await ForkAsync(session))[0];
        await FillAsync(context, Path, "echo 2 >a; echo 2 >b; echo 2 >c; echo 2 >d");

        await DownloadAsync(fork);

        (await TreeAsync(fork, Path)).ShouldBe(["a=mine", "b=2", "d=2"]);
    }

    [Fact]
    public async Task A_wrong_count_and_a_session_that_is_gone_are_refused()
    {
        var session = await StartAsync();
        await RefusesAsync(AgbErrorIds.InvalidSessionOption, () => Forks.ForkSessionAsync(session, 0, Token));
        await RefusesAsync(AgbErrorIds.InvalidSessionOption, () => Forks.ForkSessionAsync(session, ISessionForkService.MaxForks + 1, Token));
        await ReleaseAsync(session);
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Forks.ForkSessionAsync(session, 1, Token));
        await RefusesAsync(AgbErrorIds.SessionNotFound, () => Forks.ForkSessionAsync(new SessionId("s-none"), 1, Token));
    }

    private async Task<IReadOnlyList<AgbSession>> ForkAsync(AgbSession session, int count = 1)
    {
        var forks = await Forks.ForkSessionAsync(session, count, Token);
        foreach (var fork in forks)
        {
            Track(fork);
        }
        return forks;
    }
}
