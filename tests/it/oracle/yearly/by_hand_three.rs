//! Rows of the plans of three classes; their form is told in [`super::by_hand`].

pub const YANTAI_ROWS: &str = "
    class=2                                         -> rated -2 0.5 0.005
    class=2 benefits=100000                         -> rated -1 0.8 0.008
    class=2 benefits=100001                         -> rated 0 1 0.01
    class=2 benefits=1000000                        -> rated 0 1 0.01
    class=2 benefits=1000001                        -> rated 1 1.2 0.012
    class=2 benefits=1500000                        -> rated 1 1.2 0.012
    class=2 benefits=1500001                        -> rated 2 1.5 0.015
    class=3                                         -> rated -2 0.5 0.01
    class=1                                         -> rated 0 1 0.005
    class=1 benefits=9000000                        -> rated 0 1 0.005
    class=3 deaths=1                                -> rated 0 1 0.02 veto
    class=3 paid=499999                             -> rated 0 1 0.02 veto
    class=3 paid=500000                             -> rated -2 0.5 0.01
    class=3 paid=499999 benefits=600000             -> rated 1 1.2 0.024
    class=3 arrears_months=1                        -> rated 0 1 0.02 veto
    class=3 concealed_payroll=true benefits=1       -> rated 0 1 0.02 veto
    class=1 fraud=true                              -> rated 0 1 0.005 veto
    class=2 since=2013-01-01                        -> rated -2 0.5 0.005
    class=2 since=2013-01-02                        -> kept 0 1 0.01 insured_too_short
    class=4                                         -> review 0 - - risk_class:unknown
    fraud=false                                     -> review 0 - - risk_class:unknown
    class=2 claim=2012-12-31/work_accident/fatal/1/2012-12-31/0 -> rated -2 0.5 0.005
";

pub const ZHENGZHOU_ROWS: &str = "
    class=1                                         -> rated -2 0.5 0.002
    class=1 benefits=1000000                        -> rated 0 1 0.004
    class=1 benefits=1000001                        -> rated 1 1.2 0.0048
    class=2 benefits=500000                         -> rated -2 0.5 0.0045
    class=2 benefits=500001                         -> rated 0 1 0.009
    class=3                                         -> rated -2 0.5 0.009
    class=3 max_deaths_one_event=2                  -> rated -2 0.5 0.009
    class=3 max_deaths_one_event=3                  -> rated 0 1 0.018 veto
    class=3 arrears_months=2.999999999              -> rated -2 0.5 0.009
    class=3 arrears_months=3                        -> rated 0 1 0.018 veto
    class=3 fraud=true                              -> rated 0 1 0.018 veto
    class=3 fraud=true benefits=1000001             -> rated 1 1.2 0.0216
    class=3 deaths=5                                -> rated -2 0.5 0.009
    class=2 since=2015-01-01                        -> rated -2 0.5 0.0045
    class=2 since=2015-01-02                        -> kept 0 1 0.009 insured_too_short
    class=2 paid=0                                  -> review 0 1 0.009 payout_ratio:undefined
    class=2 claim=2015-06-01/other/temporary/1/2016-01-01/9000000 -> rated -2 0.5 0.0045
    class=8                                         -> review 0 - - risk_class:unknown
";

pub const HUAINAN_ROWS: &str = "
    class=2                                         -> rated -2 0.5 0.005
    class=2 benefits=199999                         -> rated -2 0.5 0.005
    class=2 benefits=200000                         -> rated -1 0.8 0.008
    class=2 benefits=599999                         -> rated -1 0.8 0.008
    class=2 benefits=600000                         -> rated 0 1 0.01
    class=2 benefits=799999                         -> rated 0 1 0.01
    class=2 benefits=800000                         -> rated 1 1.2 0.012
    class=2 benefits=1199999                        -> rated 1 1.2 0.012
    class=2 benefits=1200000                        -> rated 2 1.5 0.015
    class=3 benefits=2399999                        -> rated 1 1.2 0.024
    class=3 benefits=2400000                        -> rated 2 1.5 0.03
    class=1                                         -> rated 0 1 0.005
    class=1 benefits=9000000                        -> rated 0 1 0.005
    class=2 since=2012-12-20                        -> rated -2 0.5 0.005
    class=2 payroll=0                               -> review 0 1 0.01 payout_ratio:undefined
    class=1 payroll=0                               -> review 0 1 0.005 payout_ratio:undefined
    class=2 paid=0 benefits=600000                  -> rated 0 1 0.01
    class=2 fraud=true                              -> rated -2 0.5 0.005
";

pub const PUYANG_ROWS: &str = "
    class=2                                         -> rated -1 0.8 0.008
    class=2 prior=0.005                             -> rated -1 0.5 0.005 unlimited=0.004 limit:floor
    class=2 injuries=3                              -> rated -1 0.8 0.008
    class=2 benefits=1                              -> rated 0 1 0.01
    class=2 benefits=1000000                        -> rated 0 1 0.01
    class=2 benefits=1000001                        -> rated 1 1.1 0.011
    class=2 benefits=2000000                        -> rated 1 1.1 0.011
    class=2 benefits=2000001                        -> rated 2 1.2 0.012
    class=2 benefits=5000000                        -> rated 4 1.4 0.014
    class=2 benefits=5000001                        -> rated 5 1.5 0.015
    class=2 prior=0.012 benefits=5000001            -> rated 5 1.5 0.015 unlimited=0.017 limit:cap
    class=3 benefits=3000001                        -> rated 3 1.3 0.026
    class=3 prior=0.03 benefits=1000001             -> rated 1 1.5 0.03 unlimited=0.032 limit:cap
    class=3 prior=0.008 benefits=1                  -> rated 0 0.5 0.01 unlimited=0.008 limit:floor
    class=3 prior=0.031 benefits=1                  -> rated 0 1.5 0.03 unlimited=0.031 limit:cap
    class=1                                         -> rated 0 1 0.005
    class=1 prior=0.004                             -> rated 0 0.8 0.004
    class=1 prior=0.9 benefits=9000000              -> rated 0 180 0.9
    class=2 year-2=paid_for                         -> rated 0 1 0.01
    class=2 year-1=zero                             -> rated 0 1 0.01
    class=2 year-2=straddled                        -> rated 0 1 0.01
    class=2 since=2012-01-01                        -> rated -1 0.8 0.008
    class=2 since=2012-01-02                        -> rated 0 1 0.01
    class=2 prior=0.04 year-0=zero                  -> review 0 4 0.04 payout_ratio:undefined
    class=2 year-0=straddled                        -> review 0 1 0.01 window:straddled payout_ratio:undefined
    class=2 prior=0.012345678901                    -> rated -1 0.98765431208 0.0098765431208
";
